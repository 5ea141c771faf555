"""Tests of what a person decides about papers that wait."""
