"""The archive: vault (OCFL), catalogue and ledger (SQL), audit journal."""
