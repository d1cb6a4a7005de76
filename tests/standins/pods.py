"""What a kubelet makes of a pod's spec before it starts anything: environment, paths, address, conditions.

Pure. Must never name what no spec says.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

_REFERENCE: Final = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")
#: Loopback addresses of pods are apart from those that anything else of this machine listens on.
_FIRST_PART: Final = 64
_PARTS: Final = 128
_PER_PART: Final = 256
_PODS: Final = 250


def address(process: int, number: int) -> str:
    """The address of a pod of some process's nodes: each has all ports to itself, whoever else plays nodes here."""
    part, rest = divmod(process, _PER_PART)
    return f"127.{_FIRST_PART + part % _PARTS}.{rest}.{number % _PODS + 2}"


def fields(pod: Any, ip: str) -> dict[str, str]:
    """What the downward API tells of a pod, by path."""
    return {
        "metadata.name": pod.metadata.name,
        "metadata.namespace": pod.metadata.namespace,
        "metadata.uid": pod.metadata.uid,
        "spec.nodeName": pod.spec.node_name or "",
        "spec.serviceAccountName": pod.spec.service_account_name or "",
        "status.podIP": ip,
    }


def environment(
    container: Any, told: Mapping[str, str], secret: Callable[[str, str], str], place: Callable[[str], str]
) -> dict[str, str]:
    """The variables of a container in their order, `$(NAME)` of earlier ones filled in; `place` gives where paths lie.

    Raises KeyError for a field that the downward API does not have.
    """
    made: dict[str, str] = {}
    for each in container.env or []:
        made[each.name] = place(_value(each, told, secret, made))
    return made


def _value(each: Any, told: Mapping[str, str], secret: Callable[[str, str], str], made: Mapping[str, str]) -> str:
    source = each.value_from
    if source and source.field_ref:
        return told[source.field_ref.field_path]
    if source and source.secret_key_ref:
        return secret(source.secret_key_ref.name, source.secret_key_ref.key)
    return _REFERENCE.sub(lambda found: made.get(found[1], found[0]), each.value or "")


def inside(text: str, mounted: Mapping[str, Any]) -> str:
    """A path of the container as the path that it has here."""
    for path, folder in mounted.items():
        if text == path or text.startswith(f"{path}/"):
            return str(folder) + text.removeprefix(path)
    return text


def port_of(container: Any, probe: Any) -> int:
    """The number of the port that an HTTP probe asks."""
    wanted = probe.http_get.port
    named = {port.name: port.container_port for port in container.ports or []}
    return int(named.get(wanted, wanted))


def running(container: Any, ip: str, restarts: int, *, ready: bool) -> dict[str, Any]:
    """The status of a pod whose container runs."""
    told = _told(container, restarts) | {"ready": ready, "started": True, "state": {"running": {"startedAt": now()}}}
    truth = {"PodScheduled": True, "Initialized": True, "ContainersReady": ready, "Ready": ready}
    return {
        "phase": "Running",
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "conditions": _conditions(truth),
        "containerStatuses": [told],
    }


def over(container: Any, code: int | None) -> dict[str, Any]:
    """The status of a pod whose container has ended for good."""
    terminated = {"exitCode": code, "finishedAt": now(), "reason": "Completed" if code == 0 else "Error"}
    told = _told(container, 0) | {"ready": False, "state": {"terminated": terminated}}
    truth = {"ContainersReady": False, "Ready": False}
    phase = "Succeeded" if code == 0 else "Failed"
    return {"phase": phase, "conditions": _conditions(truth), "containerStatuses": [told]}


def _told(container: Any, restarts: int) -> dict[str, Any]:
    return {"name": container.name, "image": container.image, "imageID": "", "restartCount": restarts}


def _conditions(truth: Mapping[str, bool]) -> Sequence[dict[str, str]]:
    return [
        {"type": kind, "status": "True" if holds else "False", "lastTransitionTime": now()}
        for kind, holds in truth.items()
    ]


def now() -> str:
    """As Kubernetes writes times."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
