"""What a file says that no other part of a page shows: found field by field, so that nothing is ever hidden."""
