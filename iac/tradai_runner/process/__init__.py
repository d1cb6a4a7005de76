"""A runner as a process: what of its caller's environment reaches it, what it writes, and whether a process lives.

Must never know what a run is about: no request, no state, no cloud.
"""
