"""What the operator may do is just what it does: its roles against the API server's audit log of a whole life."""

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.documents.manifests import EXAMPLES
from tests.e2e.audit import OPERATOR, Grant, asked, granted, rows
from tests.e2e.environment import Deployed, condition, example
from tradai_sandbox import lifecycle
from tradai_sandbox.layout import OPERATOR_RBAC

_TOKEN = {"name": "tradai-state", "key": "passphrase"}


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    return new_sandbox()


def small(name: str, namespace: str = "tradai", **spec: Any) -> dict[str, Any]:
    """An environment of two small layers, with a secret among its outputs, that leaves all behind."""
    manifest = example("sample")
    manifest["spec"]["layers"]["work"]["config"]["secrets"] = {"token": {"secretRef": _TOKEN}}
    manifest["spec"] |= {"deletionPolicy": "Retain", "approval": "Never"} | spec
    manifest["metadata"] = {"name": name, "namespace": namespace}
    return manifest


def reviewed(sandbox: Deployed, namespace: str, account: str = "tradai-operator") -> set[Grant]:
    """What the API server says a service account may do in a namespace, the rights to the cluster's included."""
    token = sandbox.kubectl("create", "token", account, "-n", "tradai-system").strip()
    config = yaml.safe_load(sandbox.layout.kubeconfig("operator").read_text())
    config["users"][0]["user"] = {"token": token}
    path = sandbox.layout.root / f"kubeconfig-review-{account}.yaml"
    path.write_text(yaml.safe_dump(config))
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    said = sandbox.kubectl(
        "--kubeconfig", str(path), "create", "--validate=false", "-f", "-", "-o", "json", stdin=json.dumps(review)
    )
    return set(rows(json.loads(said)["status"]["resourceRules"], namespace))


def test_every_right_is_used_and_every_request_was_permitted(sandbox: Deployed) -> None:
    sandbox.apply(yaml.safe_load((EXAMPLES / "allowlist.yaml").read_text()) | {"data": {"allowlist.yaml": "rules: ["}})
    sandbox.apply(small("dev"))
    sandbox.until("the rules to count", lambda: condition(sandbox.status("dev"), "Stalled") == "True")
    assert "allowlist cannot be read" in sandbox.status("dev")["message"]
    sandbox.kubectl("delete", "configmap", "tradai-allowlist", "-n", "tradai-system")
    sandbox.ready("dev")
    sandbox.apply(small("brief", environment="eph-brief", ttl="1s", deletionPolicy="Everything"))
    sandbox.gone("brief")
    sandbox.kill_operator()
    sandbox.kubectl("delete", "tradaienv", "dev", "-n", "tradai", "--wait=false")
    lifecycle.up(sandbox.layout.root, print)  # an operator that comes to a deletion needs what was kept for it
    sandbox.gone("dev")

    requests = asked(sandbox.layout.audit_log)
    refused = [request for request in requests if request.code == 403]
    assert refused == []
    unused = [grant for grant in granted(OPERATOR_RBAC) if not any(request.needs(grant) for request in requests)]
    assert sorted(unused) == []


@pytest.mark.parametrize("namespace", ["tradai", "tradai-system", "default", "kube-system"])
def test_everything_else_is_refused(sandbox: Deployed, namespace: str) -> None:
    sandbox.kubectl("create", "serviceaccount", "nobody", "-n", "tradai-system", check=False)
    everybody = reviewed(sandbox, namespace, "nobody")
    expected = {
        Grant(namespace, grant.group, grant.resource, grant.verb, grant.name)
        for grant in granted(OPERATOR_RBAC)
        if grant.namespace in {"", namespace}
    }
    assert reviewed(sandbox, namespace) - everybody == expected


@pytest.mark.parametrize(
    "words",
    [
        "create tradaienvironments",
        "update tradaienvironments",
        "approve tradaienvironments",
        "update tradaienvironments/status",
        "delete secrets",
        "update secrets",
        "list configmaps",
        "get configmaps",
        "get pods",
        "create pods",
        "create serviceaccounts/token",
        "impersonate users",
        "bind clusterroles",
        "escalate clusterroles",
        "get nodes",
        "list namespaces",
    ],
)
def test_what_would_hurt_is_refused(sandbox: Deployed, words: str) -> None:
    ask = ("auth", "can-i", *words.split(), "-n", "tradai", "--as", OPERATOR)
    assert sandbox.kubectl(*ask, check=False).strip() == "no"


@pytest.fixture
def bounded(sandbox: Deployed) -> Iterator[Deployed]:
    """The same cluster, where the operator may read the Secrets of two namespaces and of no other."""
    command, variables, where = sandbox.operator.cmdline(), sandbox.operator.environ(), sandbox.operator.cwd()
    sandbox.kill_operator()
    sandbox.kubectl("delete", "clusterrolebinding", "tradai-operator-secrets")
    binding = yaml.safe_load((EXAMPLES / "rbac-secrets.yaml").read_text())
    for namespace in ("tradai", "team"):
        sandbox.kubectl("create", "namespace", namespace, check=False)
        binding["metadata"]["namespace"] = namespace
        sandbox.apply(binding)
    with sandbox.layout.log("operator-bounded").open("w") as log:
        variables["TRADAI_SECRET_NAMESPACES"] = "tradai, team"
        operator = subprocess.Popen(command, env=variables, cwd=where, stdout=log, stderr=log)
    try:
        yield sandbox
        assert operator.poll() is None, "nothing of it ended the operator"
    finally:
        operator.terminate()
        operator.wait(30)


def test_an_operator_may_be_bound_to_the_secrets_of_some_namespaces(bounded: Deployed) -> None:
    for namespace in ("team", "tradai"):
        secret = yaml.safe_load(bounded.kubectl("get", "secret", "tradai-state", "-n", "tradai", "-o", "yaml"))
        secret["metadata"] = {"name": "tradai-state", "namespace": namespace}
        bounded.apply(secret)
    bounded.apply(small("eph", "team", environment="eph-team"))
    bounded.apply(small("elsewhere", "default", environment="eph-else"))

    def status(name: str, namespace: str) -> dict[str, Any]:
        found: dict[str, Any] = (bounded.get(name, namespace) or {}).get("status", {})
        return found

    bounded.until("the stranger to be told", lambda: status("elsewhere", "default").get("phase") == "Invalid")
    assert "TRADAI_SECRET_NAMESPACES" in status("elsewhere", "default")["message"]
    bounded.until("the environment to be Ready", lambda: status("eph", "team").get("phase") == "Ready")

    begun = len(asked(bounded.layout.audit_log))
    bounded.kubectl("delete", "namespace", "team", "--wait=false")
    bounded.until("the namespace to be gone", lambda: not bounded.kubectl("get", "ns", "team", "--ignore-not-found"))
    bounded.kubectl("delete", "tradaienv", "elsewhere", "-n", "default", "--wait=false")
    bounded.gone("elsewhere", "default")
    bounded.apply(small("dev"))
    bounded.ready("dev")
    assert all(
        request.namespace in {"tradai", "team", "tradai-system"}
        for request in asked(bounded.layout.audit_log)[begun:]
        if request.resource == "secrets"
    )
