"""What the ratings add up to, and what limits it."""
