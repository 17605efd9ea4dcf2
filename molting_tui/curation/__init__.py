"""Import, rules, and everything a person does with pairs. No screen here, no SQL."""
