"""Bodies of environments as the API server would hand them over."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tests.fakes.cluster import FakeCluster
from tests.fakes.executor import PASSPHRASE
from tradai_operator.model import keys

CREATED = "2027-01-15T07:59:00Z"


def body(name: str = "dev", *, uid: str = "uid-1", created: str = CREATED, **spec: Any) -> dict[str, Any]:
    """A valid environment; keyword arguments replace parts of its spec."""
    declared: dict[str, Any] = {
        "environment": "dev",
        "blueprint": "tradai",
        "aws": {"accountId": "123456789012", "region": "eu-central-1"},
        "state": {
            "backendUrl": "s3://tradai-pulumi-state-dev",
            "secrets": {"passphraseSecretRef": {"name": "tradai-state", "key": "passphrase"}},
        },
        "deletionPolicy": "All",
        "approval": "Never",
        "drift": {"enabled": False},  # looks come only where a test asks for them
    }
    return {
        "apiVersion": keys.API_VERSION,
        "kind": keys.KIND,
        "metadata": {
            "name": name,
            "namespace": "tradai",
            "uid": uid,
            "generation": 1,
            "creationTimestamp": created,
            "finalizers": [keys.FINALIZER],
        },
        "spec": declared | spec,
    }


def changed(old: Mapping[str, Any], **spec: Any) -> dict[str, Any]:
    """The same environment with another spec, one generation on."""
    new: dict[str, Any] = deepcopy(dict(old))
    new["spec"] |= spec
    new["metadata"]["generation"] += 1
    return new


def annotated(old: Mapping[str, Any], **annotations: str) -> dict[str, Any]:
    """The same environment with `tradai.io/<name>` annotations; underscores become hyphens."""
    new: dict[str, Any] = deepcopy(dict(old))
    known = new["metadata"].setdefault("annotations", {})
    known |= {f"{keys.GROUP}/{name.replace('_', '-')}": value for name, value in annotations.items()}
    return new


def deleted(old: Mapping[str, Any]) -> dict[str, Any]:
    """The same environment under deletion."""
    new: dict[str, Any] = deepcopy(dict(old))
    new["metadata"]["deletionTimestamp"] = "2027-01-15T09:00:00Z"
    return new


def with_secrets(cluster: FakeCluster) -> FakeCluster:
    """The Secrets that the environments refer to."""
    cluster.secrets["tradai", "tradai-state"] = {"passphrase": PASSPHRASE}
    cluster.secrets["tradai", "tradai-secrets"] = {"binance-api": "k:s"}
    return cluster
