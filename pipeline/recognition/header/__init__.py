"""The lines of number and day, read by what they may say: every value in its template (docs/decisions/0077)."""
