"""Settings and catalogues: law and city as data."""
