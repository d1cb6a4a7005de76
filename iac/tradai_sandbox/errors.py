"""What goes wrong with a sandbox, said so that a person can act on it.

Must never be raised for what is a bug.
"""


class SandboxError(Exception):
    """The sandbox cannot do what was asked; the message says why and what to do."""
