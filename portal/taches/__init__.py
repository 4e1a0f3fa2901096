"""The worklist « À faire »: what waits for one physician, the most urgent first."""
