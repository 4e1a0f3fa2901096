"""HTTP that every page needs, and no domain."""
