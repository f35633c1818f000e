"""Things side by side over HTTP: a page, JSON and CSV of the same table; the way to choose what to compare."""
