"""Triage: pairs in a list, the one that is read, what is said of it."""
