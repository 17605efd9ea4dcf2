"""Planted credentials and ordinary lines: how much of the first the rules find, and how few of the second."""
