"""Texts in Vietnamese printed as PDF/A: minutes, slips."""
