"""compare-models: does the challenger beat the champion? (000 lambda_funcs.py; called by the retraining workflow)."""
