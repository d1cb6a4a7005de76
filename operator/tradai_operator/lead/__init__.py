"""Leading: which of several operators acts, by a Lease, and the ports that act for that one alone.

Must never know what an environment is, and must never let two lead at once.
"""
