"""Scripts that print the figures the README shows; run from the root of the repository."""
