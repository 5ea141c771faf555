"""What is tried, and told, where no paper has everything that was typed."""
