"""One file per edit; base.py holds what an edit is, its parameter kinds and the catalogue."""
