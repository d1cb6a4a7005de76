"""model-rollback: makes an earlier champion the champion again (000 lambda_funcs.py; called by the backend API)."""
