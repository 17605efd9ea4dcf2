"""Files that other trainers load, and the manifest beside each."""
