"""botocore sessions that cost next to nothing: all of them read AWS's descriptions through one loader.

A session of its own for each registry keeps their credentials apart. With a loader of its own each would take 10 MB,
and boto3's takes 15: a list of every service's endpoints, which says nothing that the services' own rules do not, the
texts of the documentation, and dictionaries that remember an order which Python's own keep as well. Must never be used
for a service whose endpoints have no rules.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

from botocore.config import Config
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

#: The one thing that no rule says: which region's name S3's oldest address goes by.
_OLDEST: Final = {
    "aws": {
        "s3": {
            "partitionEndpoint": "aws-global",
            "endpoints": {
                "aws-global": {"credentialScope": {"region": "us-east-1"}, "hostname": "s3.amazonaws.com"},
            },
        }
    }
}
#: A session is not for two threads at once; the clients that it makes are.
_MAKING: Final = Lock()


def client(service: str, region: str, endpoint_url: str | None, config: Config) -> Any:
    """A client with the process's own credentials, which are looked up once; for any thread."""
    with _MAKING:
        return _own().create_client(service, region_name=region, endpoint_url=endpoint_url, config=config)


def new_session(region: str) -> Session:
    """A session with credentials from where the process has them, and none shared with another session."""
    session = Session()
    session.register_component("data_loader", _loader())
    session.set_config_variable("region", region)
    return session


@cache
def _own() -> Any:
    session = Session()
    session.register_component("data_loader", _loader())
    return session


class _Descriptions(JSONFileLoader):
    """Reads a description without what is written for people; equal words in it are one."""

    def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
        if not Path(full_path).is_file():
            return None
        with open_method(full_path, "rb") as file:
            return _read(file.read())


class _Loader(Loader):
    """Reads the descriptions once, and derives the list of endpoints from the partitions alone."""

    FILE_LOADER_CLASS = _Descriptions

    def load_data_with_path(self, name: str) -> Any:
        """The description of that name and where it lies; raises botocore's DataNotFoundError."""
        if name != "endpoints":
            return super().load_data_with_path(name)
        partitions, path = super().load_data_with_path("partitions")
        return _endpoints(partitions), path


@cache
def _loader() -> Loader:
    return _Loader()


def _read(description: bytes) -> Any:
    """What a description says, without its texts for people; a shape may be called `documentation` as well."""
    words: dict[str, str] = {}

    def said(key: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return "" if key == "documentation" else words.setdefault(value, value)

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        return {words.setdefault(key, key): said(key, value) for key, value in found}

    return json.loads(description, object_pairs_hook=pairs)


def _endpoints(partitions: Any) -> dict[str, Any]:
    """The old form of the partitions: how a host is called, and next to no exception to it."""
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
        "services": _OLDEST.get(found["id"], {}),
    }
