"""Whether the machine, the keys and the store are as they must be: `doctor`, and what a page of it will show."""
