"""The public home, the physician's dashboard, and the two pages beside it."""
