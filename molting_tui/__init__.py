"""The workbench. Importing this package loads nothing else."""

__version__ = "0.1.0"
