"""Datasets: what was frozen, how it differs from what was frozen before, and the question before a freeze."""
