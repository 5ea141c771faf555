"""What other people's signatures are worth."""
