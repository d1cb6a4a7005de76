"""Scheduler and kubelet in one: gives each pod of a namespace a node, runs what its spec says, reports how it ends.

Command, arguments, environment, mounted Secrets and scratch volumes are those of the real pod; what it cannot do is
pull an image, so the node has the runner already, as it has the identity that AWS knows. Speaks by the official client,
as nothing of the operator does. Must never run anything that no pod says.
"""

import base64
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kubernetes.client import ApiException, CoreV1Api, V1Binding

from tests.official import MERGE, connection
from tests.standins.container import Container
from tests.standins.node import Node

NODE = "stand-in"


@dataclass
class _Held:
    """One pod of this node."""

    container: Container | None = None
    asked_at: datetime | None = None
    reported: bool = False


class Kubelet(Node):
    """One node, for the pods of one namespace."""

    def __init__(self, kubeconfig: Path, namespace: str, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(folder, environment)
        self.namespace = namespace
        self._connection: Any = connection(kubeconfig)
        self._core = CoreV1Api(self._connection)
        self._held: dict[str, _Held] = {}

    def __exit__(self, *said: object) -> None:
        super().__exit__(*said)
        self._connection.close()

    def look(self) -> None:
        """Tends every pod."""
        for pod in self._core.list_namespaced_pod(self.namespace).items:
            self._tend(pod)

    def _tend(self, pod: Any) -> None:
        name, held = pod.metadata.name, self._held.setdefault(pod.metadata.uid, _Held())
        if pod.metadata.deletion_timestamp:
            self._end(pod, held)
        elif not pod.spec.node_name:
            self._bind(name)
        elif held.container is None and not self.holding.is_set():
            self._begin(pod, held)
        if held.container and held.container.exit_code is not None and not held.reported:
            self._report(name, held.container.exit_code)
            held.reported = True

    def _bind(self, name: str) -> None:
        body = {"metadata": {"name": name}, "target": {"kind": "Node", "name": NODE, "apiVersion": "v1"}}
        binding: Any = V1Binding.from_dict(body)
        with contextlib.suppress(ValueError):  # the answer is a Status, which the client does not expect
            self._core.create_namespaced_pod_binding(name, self.namespace, binding)

    def _begin(self, pod: Any, held: _Held) -> None:
        mounted = self._mount(pod)
        if mounted is None:
            return
        (container,) = pod.spec.containers
        environment = {each.name: _inside(each.value or "", mounted) for each in container.env or []}
        words = [_inside(word, mounted) for word in [*container.command, *(container.args or [])]]
        self.seen.append(pod)
        name = pod.metadata.name
        held.container = self.containers[name] = Container(
            name, words, {**self.environment, **environment}, self.folder / f"{name}.out"
        )
        self._status(name, {"phase": "Running", "startTime": _now()})

    def _mount(self, pod: Any) -> dict[str, Path] | None:
        """Mount path → folder here; None while a Secret is not there, as a kubelet waits."""
        folders: dict[str, Path] = {}
        for volume in pod.spec.volumes or []:
            folder = folders[volume.name] = self.folder / pod.metadata.uid / volume.name
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if volume.secret and not self._fill(folder, volume.secret.secret_name):
                return None
        (container,) = pod.spec.containers
        return {mount.mount_path: folders[mount.name] for mount in container.volume_mounts or []}

    def _fill(self, folder: Path, secret: str) -> bool:
        try:
            found = self._core.read_namespaced_secret(secret, self.namespace)
        except ApiException:
            return False
        for key, value in (found.data or {}).items():
            (folder / key).write_bytes(base64.b64decode(value))
        return True

    def _end(self, pod: Any, held: _Held) -> None:
        """SIGTERM, after the grace SIGKILL, then the pod is gone."""
        container = held.container
        if container and container.exit_code is None:
            if held.asked_at is None:
                held.asked_at = datetime.now(UTC)
                container.ask()
            elif (datetime.now(UTC) - held.asked_at).total_seconds() > pod.metadata.deletion_grace_period_seconds:
                container.kill()
            return
        self._report(pod.metadata.name, container.exit_code if container else 137)
        held.reported = True
        self._core.delete_namespaced_pod(pod.metadata.name, self.namespace, grace_period_seconds=0)

    def _report(self, name: str, code: int | None) -> None:
        terminated = {"exitCode": code, "finishedAt": _now(), "reason": "Completed" if code == 0 else "Error"}
        told = {"name": "runner", "image": "", "imageID": "", "ready": False, "restartCount": 0}
        phase = "Succeeded" if code == 0 else "Failed"
        self._status(name, {"phase": phase, "containerStatuses": [{**told, "state": {"terminated": terminated}}]})

    def _status(self, name: str, status: Mapping[str, Any]) -> None:
        patch = {"status": dict(status)}
        self._core.patch_namespaced_pod_status(name, self.namespace, patch, _content_type=MERGE)


def _inside(text: str, mounted: Mapping[str, Path]) -> str:
    """A path of the container as the path that it has here."""
    for path, folder in mounted.items():
        if text == path or text.startswith(f"{path}/"):
            return str(folder) + text.removeprefix(path)
    return text


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
