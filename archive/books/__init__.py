"""Books of numbered entries, such as that of the copies made on paper."""
