"""Tests of what people and clocks do with the store."""
