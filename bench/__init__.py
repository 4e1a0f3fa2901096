"""Benchmarks of the portal beside its peers: ``python -m bench``."""
