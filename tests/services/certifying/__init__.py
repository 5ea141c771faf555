"""Certified e-copies."""
