"""Train: runs in a list, the one that is watched, starting and asking."""
