"""Tests of the transforms, one file each."""
