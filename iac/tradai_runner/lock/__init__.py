"""Who holds a stack: the engine's locks, what proves a holder dead, and which leadership has worked on it.

Must never remove what belongs to somebody who may live.
"""
