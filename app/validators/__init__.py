"""What looks for faults in a model; one file each, each returns diagnostics."""
