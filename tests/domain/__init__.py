"""Tests of the words and rules."""
