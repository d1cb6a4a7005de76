"""Kubernetes' API: the cluster that environments live in, its Lease, the allowlist, and which Secrets change.

Must never decide, nor hold what the API server said for longer than whoever asked needs it.
"""
