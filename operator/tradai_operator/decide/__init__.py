"""Deciding: what to do next for one environment, as pure functions of (resource, status, facts).

Knows model, plan and status alone. Must never await, use a port, or look at a clock: what it needs to know is in its
arguments, and what it wants done is in its answer.
"""
