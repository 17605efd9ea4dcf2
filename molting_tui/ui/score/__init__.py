"""Score: answers one at a time, and the sheet they are scored on."""
