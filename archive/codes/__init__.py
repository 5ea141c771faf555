"""Codes: which document bears which, which were ever given out, and which nobody gets any more."""
