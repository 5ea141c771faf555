"""Tests of settings and catalogues."""
