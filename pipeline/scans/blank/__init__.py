"""Whether a page is blank paper."""
