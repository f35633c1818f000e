"""The wheel away from the checkout: `make package`, not in every run since it asks a package index for its tools."""
