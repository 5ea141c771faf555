"""What a paper may take of a process: time and memory."""
