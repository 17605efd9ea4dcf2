"""Chat files: ShareGPT, Alpaca, OpenAI messages."""
