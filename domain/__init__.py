"""Words and rules without input or output: errors, clock, codes, readings, retention, validity."""
