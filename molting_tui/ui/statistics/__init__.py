"""Statistics: the pairs of any filter in figures, each line leading to its pairs."""
