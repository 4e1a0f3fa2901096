"""A dossier on paper, as PDF, and as FHIR."""
