"""What runs in its own process: training, answering. The only code that imports torch."""
