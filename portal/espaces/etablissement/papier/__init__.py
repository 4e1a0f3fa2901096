"""Dossiers received on paper, noted down for the establishment alone."""
