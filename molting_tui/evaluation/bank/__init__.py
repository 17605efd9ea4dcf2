"""The question bank: adding, proposing, and what keeps its questions out of training."""
