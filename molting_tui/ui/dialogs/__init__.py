"""What any screen may open: small questions, choices, forms, a page to read."""
