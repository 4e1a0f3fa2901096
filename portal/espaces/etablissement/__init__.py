"""The space of an establishment: requests received and answered, paper dossiers, its own sheet."""
