"""validate-strategy: says whether a request can run, and makes it whole (000; called by the backtest workflow)."""
