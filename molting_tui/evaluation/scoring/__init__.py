"""Rubrics, blind sessions, sheets, and the points of an answer."""
