"""Adapters: the ports filled in for real, a room for each world outside: Kubernetes, runs, AWS, web, our own process.

Must never decide anything, and must never be imported by a room below main.
"""
