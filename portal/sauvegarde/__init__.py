"""Backup and restore: the whole database in one sealed file, and back."""
