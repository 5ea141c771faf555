"""Tests of keys, marks and signatures."""
