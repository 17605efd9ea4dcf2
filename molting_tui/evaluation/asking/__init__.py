"""Questions, who is asked them, and the answers taken in."""
