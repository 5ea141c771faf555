"""Stores of earlier releases: what they lack, and the copies that are kept of them."""
