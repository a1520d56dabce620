"""Tests of the inspectors, one file each."""
