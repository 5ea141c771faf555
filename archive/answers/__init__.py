"""What was answered of dossiers without anybody asking, kept with them."""
