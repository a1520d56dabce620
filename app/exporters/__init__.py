"""What turns a model or its history into a file; one file each."""
