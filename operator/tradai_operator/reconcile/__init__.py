"""Reconciling: what to do next for one environment (pure), and doing it through ports (the shell).

Decisions never act and actions never decide. Must never import an adapter: ports are protocols, filled in by main.
"""
