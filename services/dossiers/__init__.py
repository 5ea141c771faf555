"""The one-stop system's dossiers: taken in, and given back with what was digitised and reused (law L2.12)."""
