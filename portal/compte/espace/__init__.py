"""« Mon compte », section by section: preferences, sessions, access log, export."""
