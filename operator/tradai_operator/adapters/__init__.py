"""Adapters: the ports filled in for real — Kubernetes over its API, runs as local processes, the clock.

Must never decide anything, and must never be imported by a room below main.
"""
