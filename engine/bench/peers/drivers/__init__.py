"""A script for each of those who dream beside each other, run by the Python that has what it drives."""
