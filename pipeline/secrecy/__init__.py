"""Papers of state secrets: how they are told from others, and that they stop (law L2.2)."""
