"""Export: what is kept, written to a file for other trainers."""
