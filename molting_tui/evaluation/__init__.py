"""Rubrics, questions, answers, blind scoring, results."""
