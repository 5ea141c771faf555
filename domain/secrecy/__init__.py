"""What the audit journal says of archived papers that were found secret."""
