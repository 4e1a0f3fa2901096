"""The space of the person and of those close to her: one dossier, opened by mailed links, no account."""
