"""Papers that were found secret after they were archived: kept apart, or erased (law L8.5, L8.6)."""
