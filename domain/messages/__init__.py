"""What people are told: kept as a code with parameters, and put into words in their language when it is shown."""
