"""What blueprints are made with: the types of their declarations, naming, builders, and how a program is run.

This tree knows no blueprint and nothing of Kubernetes. Must never import the runner, the operator or the sandbox, which
lie above it.
"""
