"""A stack's state as the bucket has it, and our own notes beside it: whose it is, whether it stands, its copies.

Must never take what cannot be read for what is not there.
"""
