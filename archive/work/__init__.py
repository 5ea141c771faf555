"""Work in progress: what each document has passed, and what people decide about it."""
