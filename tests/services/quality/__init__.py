"""Tests of the acceptance of lots."""
