"""The support's space: what readers think of the help, where an answer stands, how the service is."""
