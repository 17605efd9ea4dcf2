"""Results: scores as tables, and the answers behind them."""
