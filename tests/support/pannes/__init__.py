"""What the crash tests share: a world of dossiers, real portals to kill, clients that write, and the count after."""
