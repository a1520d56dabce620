"""Tests of the session: revisions, journal, recovery, and the processes around them."""
