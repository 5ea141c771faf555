"""The ladder from a PDF as it came to one that is proven PDF/A-2b (docs/decisions/0031)."""
