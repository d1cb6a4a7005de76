"""The operator's own home on ECS: an API server on PostgreSQL, and the operator beside it, without any cluster.

Must never build what an environment is made of: the operator does that, once it stands here.
"""
