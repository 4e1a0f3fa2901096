"""Datasette: the same table as a canned query with a template of its own."""
