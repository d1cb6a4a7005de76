"""A destroy: what it would take, what protects that, which passphrase opens it, and what is emptied first.

Must never take what was not named.
"""
