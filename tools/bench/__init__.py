"""`just bench`: what the operator costs, against the bare engine in the same run on the same machine.

Measures and prints; must never be part of a test's verdict, and must never touch anything but sandboxes of its own.
"""
