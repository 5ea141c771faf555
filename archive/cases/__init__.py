"""Requests of owners about their papers, and their terms."""
