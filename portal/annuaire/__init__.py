"""Public directories: the communes of France and their postal codes."""
