"""Finding papers again by words and numbers, and whether a citizen must bring one."""
