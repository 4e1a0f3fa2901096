"""The clocks: what the portal does by itself when its time has come, once, whatever the number of processes."""
