"""Writes what AWS publishes into the tree, as dated files: its service authorization reference, which rights its
resource schemas say that a type's handlers need, and what they say that the values of a type may be.

Must never be needed by anything but itself: who reads the files reads nothing of this, nor of the packages behind it.
"""
