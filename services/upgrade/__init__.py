"""Stores of earlier releases are brought up to this one."""
