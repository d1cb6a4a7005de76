"""A run in a container: how it is asked for, how its secrets come, and how it meets its operator in the state bucket.

Must never begin, nor go on, once it was declared dead.
"""
