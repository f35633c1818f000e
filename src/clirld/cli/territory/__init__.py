"""`clirld territory`: communes through time, and tables brought from the communes of one year to those of another."""
