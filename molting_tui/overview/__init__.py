"""What looks at the whole workspace: the way from sessions to scores, and doctor."""
