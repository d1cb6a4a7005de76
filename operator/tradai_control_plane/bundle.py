"""What is kept of the control plane between its starts: authorities, keys of service accounts, keys of Secrets at rest.

Generations of each, oldest first. Must never hold what can be signed anew: that is made at every start.
"""

from datetime import datetime

from tradai_control_plane.base import Frozen


class Generation(Frozen):
    """One key: `made` when, and the first that signs since `signs_since`; None while it is only trusted."""

    made: datetime
    signs_since: datetime | None = None
    key: str
    certificate: str = ""


class Bundle(Frozen):
    """Everything, as it lies in the secret."""

    authorities: tuple[Generation, ...] = ()
    service_accounts: tuple[Generation, ...] = ()
    at_rest: tuple[Generation, ...] = ()

    @property
    def authority(self) -> Generation:
        """The one that signs certificates."""
        return signing(self.authorities)

    @property
    def service_account(self) -> Generation:
        """The one that signs tokens of service accounts."""
        return signing(self.service_accounts)

    @property
    def trusted(self) -> str:
        """The certificates of all authorities, newest first."""
        return "".join(each.certificate for each in reversed(self.authorities))


def signing(generations: tuple[Generation, ...]) -> Generation:
    """The newest that signs; raises LookupError where none does."""
    found = [each for each in generations if each.signs_since is not None]
    if not found:
        raise LookupError("no generation signs: the bundle was never turned")
    return found[-1]
