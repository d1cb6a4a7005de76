"""Plans: which layers there are, in which order they go, and whether one has anything to do.

Pure. Must never know what runs, what time it is, or what Kubernetes says: it is given names, values and digests.
"""
