"""What is said of copies on paper."""
