"""Mistakes in archived papers are put right, and the owners' requests that ask for it are kept."""
