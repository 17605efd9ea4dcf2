"""Battle: two answers to one question, side by side, and which of them is better."""
