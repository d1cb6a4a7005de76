"""Scheduler and kubelet in one: gives each pod of a namespace a node, runs what its spec says, reports how it is.

Command, arguments, environment, mounted Secrets, scratch volumes, service account, readiness and restarts are those of
the real pod; what it cannot do is pull an image, so the node has operator and runner already, as it has the identity
that AWS knows. Where the machine permits, a container that asks for a read-only root has one. Speaks by the official
client, as nothing of the operator does. Must never run anything that no pod says.
"""

import base64
import contextlib
import os
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from kubernetes.client import ApiException, CoreV1Api, V1Binding

from tests.official import MERGE, connection
from tests.standins import identities, pods
from tests.standins.container import Container
from tests.standins.node import Node

NODE = "stand-in"
_PROBE_SECONDS = 2.0
#: Of the pods of all nodes of this process; several processes play tests side by side.
_NUMBERS = count()


@dataclass
class _Held:
    """One pod of this node."""

    ip: str
    container: Container | None = None
    asked_at: datetime | None = None
    reported: bool = False
    restarts: int = 0
    #: What was reported last of whether it is ready; None before anything was.
    ready: bool | None = None


class Kubelet(Node):
    """One node, for the pods of one namespace."""

    def __init__(self, kubeconfig: Path, namespace: str, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(folder, environment)
        self.namespace = namespace
        self._kubeconfig = kubeconfig
        self._connection: Any = connection(kubeconfig)
        self._core = CoreV1Api(self._connection)
        self._held: dict[str, _Held] = {}

    def __exit__(self, *said: object) -> None:
        super().__exit__(*said)
        self._connection.close()

    def look(self) -> None:
        """Tends every pod."""
        for pod in self._core.list_namespaced_pod(self.namespace).items:
            with contextlib.suppress(_GoneError):
                self._tend(pod)

    def _tend(self, pod: Any) -> None:
        uid = pod.metadata.uid
        if uid not in self._held:
            self._held[uid] = _Held(pods.address(os.getpid(), next(_NUMBERS)))
        held = self._held[uid]
        if pod.metadata.deletion_timestamp:
            self._end(pod, held)
        elif not pod.spec.node_name:
            self._bind(pod.metadata.name)
        elif held.container is None and not held.reported and not self.holding.is_set():
            self._begin(pod, held)
        elif held.container and held.container.exit_code is None:
            self._probe(pod, held)
        elif held.container and not held.reported:
            self._ended(pod, held, held.container.exit_code)

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
        words = [pods.inside(word, mounted) for word in [*container.command, *(container.args or [])]]
        if not held.restarts:
            self.seen.append(pod)
        name, home = pod.metadata.name, self.folder / pod.metadata.uid
        security = container.security_context
        held.container = self.containers[name] = Container(
            name,
            words,
            {**self.environment, **self._identity(pod, home), **self._variables(pod, held, mounted)},
            self.folder / f"{name}.out",
            writable=[home] if security and security.read_only_root_filesystem else [],
        )
        self._say(pod, held, ready=container.readiness_probe is None)

    def _variables(self, pod: Any, held: _Held, mounted: Mapping[str, Path]) -> dict[str, str]:
        (container,) = pod.spec.containers
        told = pods.fields(pod, held.ip)
        return pods.environment(container, told, self._value, lambda text: pods.inside(text, mounted))

    def _identity(self, pod: Any, home: Path) -> dict[str, str]:
        if not identities.wants_one(pod):
            return {}
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return {"KUBECONFIG": str(identities.write(self._core, self._kubeconfig, pod, home / "kubeconfig"))}

    def _probe(self, pod: Any, held: _Held) -> None:
        """Tells when the container becomes ready, and when it is not any more."""
        (container,) = pod.spec.containers
        probe = container.readiness_probe
        ready = probe is None or _answers(held.ip, pods.port_of(container, probe), probe.http_get.path)
        if ready is not held.ready:
            self._say(pod, held, ready=ready)

    def _say(self, pod: Any, held: _Held, *, ready: bool) -> None:
        (container,) = pod.spec.containers
        status = pods.running(container, held.ip, held.restarts, ready=ready)
        if held.ready is None:
            status["startTime"] = pods.now()
        self._status(pod.metadata.name, status)
        held.ready = ready

    def _ended(self, pod: Any, held: _Held, code: int | None) -> None:
        """Starts a container that is to run for ever again; of any other it tells how it ended."""
        if pod.spec.restart_policy == "Always":
            held.container, held.restarts = None, held.restarts + 1
            return
        self._status(pod.metadata.name, pods.over(pod.spec.containers[0], code))
        held.reported = True

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

    def _value(self, secret: str, key: str) -> str:
        found = self._core.read_namespaced_secret(secret, self.namespace)
        return base64.b64decode((found.data or {})[key]).decode()

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
        self._status(pod.metadata.name, pods.over(pod.spec.containers[0], container.exit_code if container else 137))
        held.reported = True
        self._core.delete_namespaced_pod(pod.metadata.name, self.namespace, grace_period_seconds=0)

    def _status(self, name: str, status: Mapping[str, Any]) -> None:
        patch = {"status": dict(status)}
        try:
            self._core.patch_namespaced_pod_status(name, self.namespace, patch, _content_type=MERGE)
        except ApiException as error:
            if error.status != 404:
                raise
            raise _GoneError from error


class _GoneError(Exception):
    """The pod went while it was looked after."""


def _answers(ip: str, port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{ip}:{port}{path}", timeout=_PROBE_SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
