"""The schema of each database: brought to that of this release, and compared with it."""
