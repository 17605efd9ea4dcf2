"""The question bank screen: what is proposed and asked, one key for each decision."""
