"""Attachments of a dossier: PDF and pictures, checked, sealed, and given back to whoever may read them."""
