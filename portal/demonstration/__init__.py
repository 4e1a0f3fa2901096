"""What only a demonstration has: fictional people and dossiers, its own authorities, the mails « sent »."""
