"""The path that a TND platform opens for a child: conformity, dates, professionals, synthesis, renewal, end."""
