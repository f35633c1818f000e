"""The question of reuse over HTTP: a page and JSON."""
