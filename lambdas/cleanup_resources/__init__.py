"""cleanup-resources: stops what a failed run has left (000 lambda_funcs.py; called by the backtest workflow)."""
