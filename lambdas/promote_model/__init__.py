"""promote-model: makes the challenger the champion (000 lambda_funcs.py; called by the retraining workflow)."""
