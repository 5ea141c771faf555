"""The samples by which lots are accepted, and what was found in them."""
