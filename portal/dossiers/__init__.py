"""The physician's dossiers: tables, search, acceptance, creation."""
