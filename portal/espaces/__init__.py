"""The other actors' spaces: establishments, coordination teams and hospital services, patients and relatives."""
