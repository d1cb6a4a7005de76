"""The sample blueprint as the matrix uses it: manifests, and what AWS and the state have of one environment.

What AWS has is read over plain calls. Must never be told by the operator.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tests.e2e.environment import condition
from tests.faults.proxy import Call
from tests.faults.site import BUCKET, Site
from tradai_runner.bucket.keys import state_key

_T = TypeVar("_T")

#: Type → service, list operation, result, the key that is the state's id, and the one that has the name.
LISTS: Mapping[str, tuple[str, str, str, str | None, str | None]] = {
    "aws:dynamodb/table:Table": ("dynamodb", "list_tables", "TableNames", None, None),
    "aws:s3/bucket:Bucket": ("s3", "list_buckets", "Buckets", "Name", "Name"),
    "aws:sns/topic:Topic": ("sns", "list_topics", "Topics", "TopicArn", "TopicArn"),
    "aws:sqs/queue:Queue": ("sqs", "list_queues", "QueueUrls", None, None),
    "aws:secretsmanager/secret:Secret": ("secretsmanager", "list_secrets", "SecretList", "ARN", "Name"),
}


def manifest(
    stage: str, *, queues: int = 1, note: str = "first", namespace: str = "tradai", durability: str | None = None
) -> dict[str, Any]:
    """An environment of two layers and ten resources; its deletion takes everything."""
    secret = {"secretRef": {"name": "tradai-secrets", "key": "binance-api"}}
    return {
        "apiVersion": "tradai.io/v1alpha1",
        "kind": "TradaiEnvironment",
        "metadata": {
            "name": stage,
            "namespace": namespace,
            "annotations": {"tradai.io/confirm-destroy": stage},
        },
        "spec": {
            "environment": stage,
            "blueprint": "sample",
            "aws": {"accountId": "123456789012", "region": "eu-central-1"},
            "state": {
                "backendUrl": "s3://tradai-pulumi-state-dev",
                "secrets": {"passphraseSecretRef": {"name": "tradai-state", "key": "passphrase"}},
                **({"durability": durability} if durability else {}),
            },
            "layers": {
                "store": {"config": {"note": note}},
                "work": {"config": {"note": note, "queues": queues, "secrets": {"token": secret}}},
            },
            "deletionPolicy": "Everything",
            "approval": "Never",
        },
    }


def in_aws(site: Site, stage: str) -> Counter[str]:
    """What AWS has of an environment, by its names."""
    found: Counter[str] = Counter()
    for kind, (service, operation, result, identity, name) in LISTS.items():
        client = site.deployed.clients(service)
        whole = client.get_paginator(operation).paginate().build_full_result()
        for item in whole.get(result, []):
            if f"-{stage}" in (item[name] if name else item) or f"/{stage}/" in (item[name] if name else item):
                found[f"{kind} {item[identity] if identity else item}"] += 1
    return found


def in_state(site: Site, stage: str) -> Counter[str]:
    """What the states have of it, as far as AWS was asked."""
    found = site.names("sample", stage)
    return Counter({name: times for name, times in found.items() if name.partition(" ")[0] in LISTS})


def failure(site: Site, stage: str) -> str | None:
    """Of what kind its layers' first failure is, as its status tells it."""
    kinds = [layer.get("failure", {}).get("kind") for layer in site.deployed.status(stage).get("layers", [])]
    return next((kind for kind in kinds if kind), None)


def kept(site: Site, prefix: str) -> int:
    """How many objects the state bucket has there."""
    count: int = site.deployed.clients("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)["KeyCount"]
    return count


def deleted(site: Site, stage: str) -> None:
    """Deletes the environment, and waits until nothing of it is left."""
    site.deployed.kubectl("delete", "tradaienv", stage, "-n", "tradai", "--wait=false")
    gone(site, stage)


def saves(project: str) -> Callable[[Call], bool]:
    """Whether a call writes the state of one of its stacks."""
    return lambda call: call.method == "PUT" and f"/{project}/" in call.key and call.key.startswith(".pulumi/stacks/")


def by_hand(site: Site, project: str, stage: str) -> None:
    """Somebody writes the state that is there anew, by a byte another one."""
    key, s3 = state_key(project, stage), site.deployed.clients("s3")
    older = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    s3.put_object(Bucket=BUCKET, Key=key, Body=older + b"\n")


def converged(site: Site, stage: str, *, queues: int = 1, note: str = "first") -> None:
    """Ready with exactly what is declared, once each, in AWS as in the state, and nobody holds anything."""
    site.deployed.ready(stage, 240)
    site.until(f"the locks of {stage} to be gone", lambda: not any(f"/{stage}/" in lock for lock in site.locks()), 60)
    assert site.unfinished(stage) == []
    theirs, ours = in_aws(site, stage), in_state(site, stage)
    assert theirs == ours
    assert set(ours.values()) == {1}
    kinds = Counter(name.partition(" ")[0] for name in ours)
    assert kinds["aws:sqs/queue:Queue"] == queues + 1
    assert len(ours) == queues + 5
    status = site.deployed.status(stage)
    assert condition(status, "Ready") == "True" and not any(layer.get("run") for layer in status["layers"])
    assert _topic_note(site, stage) == note


def gone(site: Site, stage: str, namespace: str = "tradai") -> None:
    """No resource of Kubernetes, none of AWS, none in the state, no lock."""
    site.until(f"{stage} to be gone", lambda: site.deployed.get(stage, namespace) is None, 240)
    assert not in_aws(site, stage)
    assert not in_state(site, stage)
    assert not any(f"/{stage}/" in lock for lock in site.locks())


def _topic_note(site: Site, stage: str) -> str:
    sns = site.deployed.clients("sns")
    arns = [topic["TopicArn"] for topic in sns.list_topics()["Topics"] if topic["TopicArn"].endswith(stage)]
    (arn,) = arns
    note: str = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"]
    return note


def abreast(rows: Sequence[_T], width: int) -> list[tuple[_T, ...]]:
    """The rows in waves that are played side by side: most of a row is waiting."""
    return [tuple(rows[at : at + width]) for at in range(0, len(rows), width)]
