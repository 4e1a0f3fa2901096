"""Asking establishments in waves: a few, then more, then farther, until one of them says yes."""
