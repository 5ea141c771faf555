"""What is told beside the papers that a search finds."""
