"""What is written of a paper: the permanent form in its object, and its rows in the catalogue."""
