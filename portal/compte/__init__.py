"""The physician's account: registration, charter, e-mail confirmation, « Mon compte »."""
