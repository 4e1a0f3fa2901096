"""Logging in with a password and a code: the third way, and a secretary's only one."""
