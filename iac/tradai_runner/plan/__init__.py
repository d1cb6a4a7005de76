"""What an update would change, resource by resource, and which of it destroys or keeps less than before.

Pure. Must never show what the engine has masked.
"""
