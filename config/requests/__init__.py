"""Requests of owners: within what time each is answered and settled."""
