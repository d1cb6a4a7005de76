"""Reconciling: the shell around the decisions. It observes, gathers facts, has decided, writes the intent, and acts.

All effects go through ports, filled in by main. Must never decide, and must never import an adapter.
"""
