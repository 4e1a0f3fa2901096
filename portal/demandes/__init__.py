"""The requests of a dossier to establishments, and their answers."""
