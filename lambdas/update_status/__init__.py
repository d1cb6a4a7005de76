"""update-status: writes down how a run goes (000 lambda_funcs.py; called by the workflows)."""
