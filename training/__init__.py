"""Scripts that make what ``tonelens`` ships; run from the root of the repository."""
