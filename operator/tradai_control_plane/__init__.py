"""The init step of the control plane on ECS: its authority and keys, the files of its processes.

A tree of its own, in an image of its own: it imports nothing else of ours. Must never print a key.
"""
