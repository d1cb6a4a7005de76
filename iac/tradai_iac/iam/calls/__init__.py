"""Which rights a call of AWS's API asks for: its actions, the ARNs that they are on, and the keys of its context.

By the reference, and by the tables of this room for what the reference does not say: what an operation's right is
called where it is not its name, which parameter fills which field of an ARN. Must never look anything up in an account.
"""

from tradai_iac.iam.calls.request import Request
from tradai_iac.iam.calls.rights import FREE, rights_of

__all__ = ["FREE", "Request", "rights_of"]
