"""What a machine notices in answers: the facts they say, and what went wrong in them. Hints, never scores."""
