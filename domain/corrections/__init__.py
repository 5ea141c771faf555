"""What is told of archived papers that are put right."""
