"""Clients of others, tried on a release of the samples: too heavy to install for each run (`make clients`)."""
