"""Authorities that say what time it is."""
