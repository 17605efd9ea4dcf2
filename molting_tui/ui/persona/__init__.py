"""The persona: whose voice the model learns, written on a screen of its own."""
