"""Statistics of few questions: pure functions on numbers, scipy loaded by whoever asks for a figure."""
