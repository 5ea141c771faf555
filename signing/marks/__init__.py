"""What a person sees of a signature on the page."""
