"""Writes what AWS publishes about rights into the tree, as dated files: the service authorization reference, and which
rights the resource schemas say that a type's handlers need.

Must never be needed by anything but itself: who reads the files reads nothing of this, nor of the packages behind it.
"""
