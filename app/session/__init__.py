"""One open model: revisions, history, journal, recovery, recipe."""
