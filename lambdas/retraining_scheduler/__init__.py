"""retraining-scheduler: asks for a new training of models that have drifted, at most one run a model (002 §7)."""
