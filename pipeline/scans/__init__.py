"""What arrives: opened, unpacked, measured, cut into pages."""
