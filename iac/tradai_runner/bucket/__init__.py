"""The state bucket: where things lie in it, and the few calls by which they are read and written.

Must never know what an object means.
"""
