"""Battles: two answers to one question, side by side, and which of them is better; whose they are is sealed."""
