"""Tones by context: what the neighbours of a word say about its marks, beside what is seen. (docs/decisions/0074)."""
