"""Status: what became of the runs, and how all of it reads in `kubectl get`.

Pure; the only rooms that make statuses, conditions and event texts. Must never decide what happens next.
"""
