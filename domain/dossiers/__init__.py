"""What is known of dossiers of the one-stop system, without I/O."""
