"""Keys of every kind, and the certificates that go with them."""
