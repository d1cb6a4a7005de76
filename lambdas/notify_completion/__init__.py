"""notify-completion: tells people how a run ended (000 lambda_funcs.py; called by the workflows, as an event)."""
