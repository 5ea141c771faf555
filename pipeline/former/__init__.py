"""Papers that were here before: of which a file is a longer scan, or a new one."""
