"""The images of the operator and of what runs beside it: what they are built by, and what is in them.

Must never make up a checksum or a digest: whoever builds brings them.
"""
