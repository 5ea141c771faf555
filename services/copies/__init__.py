"""Copies on paper of what is archived, and the book in which they stand."""
