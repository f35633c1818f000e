"""`clirld contributions`: serve the forms, and decide on what was sent with them."""
