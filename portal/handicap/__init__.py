"""The handicap module's own part: the notification of the CDAPH, followed by hand from what the person brings."""
