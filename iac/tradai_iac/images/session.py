"""botocore sessions that cost next to nothing: all of them read AWS's descriptions through one loader.

A session of its own for each registry keeps their credentials apart; with a loader of its own each would take 10 MB,
and 7 MB of that is a list of every service's endpoints, which says nothing that the services' own rules do not. Must
never be used for a service whose endpoints have no rules.
"""

from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.session import Session


class _Loader(Loader):
    """Reads the descriptions once, and derives the list of endpoints from the partitions alone."""

    def load_data_with_path(self, name: str) -> Any:
        """The description of that name and where it lies; raises botocore's DataNotFoundError."""
        if name != "endpoints":
            return super().load_data_with_path(name)
        partitions, path = super().load_data_with_path("partitions")
        return _endpoints(partitions), path


@cache
def _loader() -> Loader:
    return _Loader()


def new_session(region: str) -> Session:
    """A session with credentials from where the process has them, and none shared with another session."""
    session = Session()
    session.register_component("data_loader", _loader())
    session.set_config_variable("region", region)
    return session


def _endpoints(partitions: Any) -> dict[str, Any]:
    """The old form of the partitions: how a host is called, and no service with an exception to it."""
    return {"version": 3, "partitions": [_partition(found) for found in partitions["partitions"]]}


def _partition(found: Any) -> dict[str, Any]:
    outputs = found["outputs"]
    return {
        "partition": found["id"],
        "dnsSuffix": outputs["dnsSuffix"],
        "regionRegex": found["regionRegex"],
        "regions": found["regions"],
        "defaults": {
            "hostname": "{service}.{region}.{dnsSuffix}",
            "protocols": ["https"],
            "signatureVersions": ["v4"],
        },
        "services": {},
    }
