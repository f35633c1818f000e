"""`/`: the home page. In: a release. Out: where to begin, what the release has, and what it changed."""
