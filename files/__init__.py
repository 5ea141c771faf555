"""Files, for everybody: written whole or not at all, locked, and read without being run."""
