"""Where runs live: processes of this host, Jobs, ECS tasks, and how another operator finds them again.

Must never call a run lost before whoever it lives with says so, nor hand a secret over by argument or environment.
"""
