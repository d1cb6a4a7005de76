"""The control plane itself: one task, and the definition of the tasks of runs. Must never keep data."""
