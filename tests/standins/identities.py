"""The identity of a pod towards its API server: a token of its service account, in a kubeconfig of its own.

A kubelet mounts the token below /var/run/secrets, where processes of this machine have no folder. Must never give a pod
the rights of another account.
"""

from pathlib import Path
from typing import Any

import yaml
from kubernetes.client import AuthenticationV1TokenRequest, CoreV1Api

_TOKEN_SECONDS = 7200


def wants_one(pod: Any) -> bool:
    """Whether the API server put a token's volume into the pod."""
    projected = [volume.projected for volume in pod.spec.volumes or [] if volume.projected]
    return any(source.service_account_token for each in projected for source in each.sources or [])


def write(core: CoreV1Api, cluster: Path, pod: Any, place: Path) -> Path:
    """The pod's kubeconfig; `cluster` is one that knows where the API server is."""
    config = yaml.safe_load(cluster.read_text())
    config["users"] = [{"name": "pod", "user": {"token": _token(core, pod)}}]
    config["contexts"] = [
        {
            "name": "pod",
            "context": {
                "cluster": config["clusters"][0]["name"],
                "user": "pod",
                "namespace": pod.metadata.namespace,
            },
        }
    ]
    config["current-context"] = "pod"
    place.touch(mode=0o600)
    place.write_text(yaml.safe_dump(config))
    return place


def _token(core: CoreV1Api, pod: Any) -> str:
    bound = {"apiVersion": "v1", "kind": "Pod", "name": pod.metadata.name, "uid": pod.metadata.uid}
    asked: Any = AuthenticationV1TokenRequest.from_dict(
        {"spec": {"audiences": [], "expirationSeconds": _TOKEN_SECONDS, "boundObjectRef": bound}}
    )
    account, namespace = pod.spec.service_account_name, pod.metadata.namespace
    answer: Any = core.create_namespaced_service_account_token(account, namespace, asked)
    token: str = answer.status.token
    return token
