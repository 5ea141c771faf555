"""Tests of what a paper may take of a process."""
