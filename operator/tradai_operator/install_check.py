"""`python -m tradai_operator.install_check`: whether an installation does its work; the chart's test runs it.

Three questions to the API server: is the definition served, is the admission policy in force, is an operator ready and
does one lead. Says each answer in a line, and ends with 1 where one is no. Must never make or change anything: what it
asks of the policy is a dry run.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import httpx2
from lightkube import ApiError, Client
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.coordination_v1 import Lease

from tradai_operator.adapters.kubernetes.cluster import Resource
from tradai_operator.adapters.kubernetes.definition import Definition
from tradai_operator.adapters.kubernetes.refusals import NO_PARAMETER
from tradai_operator.model import admission, keys
from tradai_operator.model.guards import GUARDS

_NAME: Final = "tradai-operator"
_PATIENCE_SECONDS: Final = 120.0
_PAUSE_SECONDS: Final = 1.0
_CALL_SECONDS: Final = 15.0
#: What an API server says for ever that once had no binding of the policy: kubernetes/kubernetes#130887.
_WITHOUT_PARAMETER: Final = (
    "the admission policy finds no parameter and refuses every change of an environment: make the ConfigMap "
    f"{{namespace}}/{admission.PARAMETER}; where it is there, the policy's binding was deleted meanwhile, and every "
    "API server has to be restarted"
)


class NotYetError(Exception):
    """What is asked for is not so; the message says what is instead."""


def served(client: Client) -> str:
    """The mark of the definition that is served."""
    found: Mapping[str, Any] = client.get(Definition, keys.CRD_NAME).to_dict()
    if not is_true(found, "Established"):
        raise NotYetError(f"{keys.CRD_NAME} is there, and not served")
    return f"{keys.CRD_NAME} is served, {found['metadata'].get('annotations', {}).get(keys.DEFINITION, 'unmarked')}"


def enforced(client: Client, namespace: str) -> str:
    """What the policy says of an environment that brings an approval of its own along."""
    try:
        client.create(Resource.from_dict(presuming(namespace)), namespace=namespace, dry_run=True)
    except ApiError as error:
        said = error.status.message or ""
        if any(guard.sentence in said for guard in GUARDS):
            return "the admission policy refuses what it has to"
        if NO_PARAMETER in said:
            raise NotYetError(_WITHOUT_PARAMETER.format(namespace=namespace)) from error
        raise NotYetError(f"an environment that approves itself is refused, but not by our policy: {said}") from error
    raise NotYetError("an environment that approves itself is permitted: the admission policy is not in force")


def presuming(namespace: str) -> dict[str, Any]:
    """An environment that is right but for an annotation that only approvers may set."""
    return {
        "apiVersion": keys.API_VERSION,
        "kind": keys.KIND,
        "metadata": {"name": "install-check", "namespace": namespace, "annotations": {keys.APPROVE: "install-check"}},
        "spec": {
            "environment": "dev",
            "blueprint": "sample",
            "aws": {"accountId": "123456789012", "region": "eu-central-1"},
            "state": {
                "backendUrl": "s3://install-check",
                "secrets": {"passphraseSecretRef": {"name": "install-check", "key": "passphrase"}},
            },
        },
    }


def ready(client: Client, namespace: str) -> str:
    """How many operators are ready, and that one leads."""
    deployment = client.get(Deployment, _NAME, namespace=namespace)
    wanted = (deployment.spec and deployment.spec.replicas) or 0
    count = (deployment.status and deployment.status.readyReplicas) or 0
    if count < 1:
        raise NotYetError(f"none of {wanted} operators is ready: see `kubectl logs -n {namespace} deploy/{_NAME}`")
    lease = client.get(Lease, _NAME, namespace=namespace).spec
    if lease is None or not lease.holderIdentity or lease.renewTime is None:
        raise NotYetError(f"nobody holds the Lease {namespace}/{_NAME}")
    silent = (datetime.now(UTC) - lease.renewTime).total_seconds()
    if silent > (lease.leaseDurationSeconds or 0):
        raise NotYetError(f"the Lease {namespace}/{_NAME} was renewed {silent:.0f} s ago")
    return f"{count} of {wanted} operators are ready, and {lease.holderIdentity} leads"


def is_true(body: Mapping[str, Any], kind: str) -> bool:
    """Whether a condition of an object holds."""
    conditions = body.get("status", {}).get("conditions", [])
    return any(each["type"] == kind and each["status"] == "True" for each in conditions)


def main(environment: Mapping[str, str] = os.environ) -> int:
    """0 where every answer is yes within the time that `TRADAI_CHECK_SECONDS` gives all of them."""
    namespace = environment["TRADAI_OPERATOR_NAMESPACE"]
    deadline = time.monotonic() + float(environment.get("TRADAI_CHECK_SECONDS") or _PATIENCE_SECONDS)
    with Client(timeout=httpx2.Timeout(_CALL_SECONDS)) as client:
        questions: list[Callable[[], str]] = [lambda: served(client), lambda: ready(client, namespace)]
        if environment.get("TRADAI_CHECK_POLICY", "true") == "true":
            questions.insert(1, lambda: enforced(client, namespace))
        return max([_answered(question, deadline) for question in questions])


def _answered(question: Callable[[], str], deadline: float) -> int:
    """0 once the answer is yes; 1 where it is not in time, with what is in the way."""
    while True:
        try:
            print(f"ok    {question()}", flush=True)
            return 0
        except (NotYetError, ApiError, httpx2.HTTPError) as error:
            if time.monotonic() > deadline:
                print(f"FAIL  {error or type(error).__name__}", flush=True)
                return 1
        time.sleep(_PAUSE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
