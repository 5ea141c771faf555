"""What a person, a machine or a clock does with the store: one module per act."""
