"""The capsule: what a destroy will need, kept in the operator's namespace from the first run on (DESIGN §5).

Deletion must work when the namespace, the Secret or a valid spec are gone already. Must never outlive its
environment.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradai_operator.model import Environment
from tradai_operator.reconcile.ports import Cluster


@dataclass(frozen=True)
class Capsule:
    """The last applied spec, as plain JSON, and the passphrase of its state."""

    spec: Mapping[str, Any]
    passphrase: str

    def __repr__(self) -> str:
        return "Capsule(***)"


def capsule_of(env: Environment, passphrase: str) -> Capsule:
    """The capsule of an environment as it is declared now."""
    return Capsule(env.spec.model_dump(mode="json", by_alias=True, exclude_none=True), passphrase)


def name_of(uid: str) -> str:
    """The name of the Secret that holds the capsule of the resource with that uid."""
    return f"tradai-capsule-{uid}"


async def load(cluster: Cluster, namespace: str, uid: str) -> Capsule | None:
    """The kept capsule, or None; raises ClusterError."""
    data = await cluster.secret(namespace, name_of(uid))
    if data is None or "passphrase" not in data:
        return None
    return Capsule(json.loads(data.get("spec", "{}")), data["passphrase"])


async def keep(cluster: Cluster, namespace: str, uid: str, capsule: Capsule) -> None:
    """Writes the capsule; raises ClusterError."""
    spec = json.dumps(dict(capsule.spec), sort_keys=True)
    values = {"spec": spec, "passphrase": capsule.passphrase}
    await cluster.write_secret(namespace, name_of(uid), values, owner=None)
