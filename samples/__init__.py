"""Fictional papers of a one-stop desk as a scanner would deliver them, with the truth about each.

``python -m samples FOLDER`` writes the same bytes on every run; no person or number in them is real.
"""
