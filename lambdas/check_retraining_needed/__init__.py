"""check-retraining-needed: whether a run of the retraining is to go on, and its whole request (002 §7)."""
