"""The stack programs, the configuration they are made from, and the runner that drives them.

This tree knows nothing of Kubernetes, of the operator or of the sandbox, and must never import them.
"""
