"""The reuse desk: what need not be brought, for which purpose it is asked, and the paper that is handed over."""
