"""Storage that every feature needs; knows no feature."""
