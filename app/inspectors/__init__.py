"""What reports on a model without judging it; one file each."""
