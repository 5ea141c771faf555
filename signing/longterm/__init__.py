"""Proof that outlives certificates."""
