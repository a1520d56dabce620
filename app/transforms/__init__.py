"""Edits whose work is a job on a copy of the model; one file each."""
