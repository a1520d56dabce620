"""Tests of the edits, one file each."""
