"""`clirld match`: what people say of two records, one module a command."""
