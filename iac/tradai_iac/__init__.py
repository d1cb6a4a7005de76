"""The stack programs, the configuration they are made from, and what any program needs to be run.

This tree knows nothing of Kubernetes, and must never import the runner, the operator or the sandbox, which lie
above it.
"""
