"""Datasets: what was kept, written as files that other trainers load unchanged."""
