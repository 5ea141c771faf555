"""Certified e-copies of originals that were seen at a desk, and the book in which they stand (law L1.3, L1.12)."""
