"""Whose hands sign and seal a paper: the officer who answers for the copy, and the clerk of its agency."""
