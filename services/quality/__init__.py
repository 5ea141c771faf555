"""The acceptance of digitised lots (law L5.16-L5.19): a sample, a second look, a decision, minutes."""
