"""Which numbers are one person's."""
