"""What happened that somebody should know: shown in the portal, sent by mail."""
