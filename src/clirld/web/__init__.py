"""The last stage: serve a release, read-only. Kept empty so that a worker process starts fast."""
