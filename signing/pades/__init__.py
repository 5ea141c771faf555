"""Signatures inside PDF files (ETSI EN 319 142)."""
