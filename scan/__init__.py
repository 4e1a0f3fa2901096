"""Attack runs: scanners, hostile clients and fuzzers against a portal of this machine (``make scan``)."""
