"""What each home of the operator costs: the sandbox, ECS with PostgreSQL, the chart's pods, git by ArgoCD.

Must never compare figures of two runs: what a ratio is made of is measured beside each other.
"""
