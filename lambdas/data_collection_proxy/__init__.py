"""data-collection-proxy: sees to it that a backtest's candles are there (000; called by the workflow)."""
