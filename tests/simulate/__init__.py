"""What the statistics promise, simulated: `python -m tests.simulate`."""
