"""Copies on paper."""
