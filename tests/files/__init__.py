"""Tests of the package `files`."""
