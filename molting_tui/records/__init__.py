"""Frozen records that every room shares: turns, pairs, events, progress."""
