"""The CRD on a real API server: it teaches, takes what is right, and refuses what is wrong with a sentence."""

import json
import subprocess
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE.parents[1] / "crds" / "examples").glob("env-*.yaml"))
ROWS = yaml.safe_load((HERE / "wrong_manifests.yaml").read_text())
NAMESPACE = "manifests"

Kubectl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def kubectl(sandbox: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """kubectl in a namespace of this module's own, with its cache apart from the user's."""
    variables = sandbox.env | {"HOME": str(tmp_path_factory.mktemp("home"))}

    def run(*arguments: str, manifest: dict[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
        command = ["kubectl", *arguments, *(["-f", "-"] if manifest else [])]
        text = yaml.safe_dump(manifest) if manifest else None
        return subprocess.run(command, input=text, env=variables, capture_output=True, text=True, check=False)

    run("create", "namespace", NAMESPACE)
    yield run
    run("delete", "namespace", NAMESPACE, "--wait=false")


def example(changes: dict[str, Any]) -> dict[str, Any]:
    """The example of dev under another name, with `changes` (path: value; None takes the field out)."""
    manifest: dict[str, Any] = yaml.safe_load(EXAMPLES[0].read_text())
    manifest["metadata"] |= {"name": "trial", "namespace": NAMESPACE}
    for path, value in changes.items():
        *parents, last = path.split(".")
        node = manifest
        for parent in parents:
            node = node.setdefault(parent, {})
        if value is None:
            del node[last]
        else:
            node[last] = deepcopy(value)
    return manifest


@pytest.mark.parametrize("row", ROWS, ids=[row["name"].replace(" ", "-") for row in ROWS])
def test_the_api_server_refuses(row: dict[str, Any], kubectl: Kubectl) -> None:
    if "was" in row:
        name = {"metadata.name": f"was-{ROWS.index(row)}"}
        assert kubectl("apply", manifest=example(row["was"] | name)).returncode == 0
        answer = kubectl("apply", manifest=example(row["set"] | name))
    else:
        answer = kubectl("apply", "--dry-run=server", manifest=example(row["set"]))
    assert answer.returncode != 0
    assert row["says"] in answer.stderr


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_api_server_takes_the_example_and_again_without_a_change(file: Path, kubectl: Kubectl) -> None:
    manifest = yaml.safe_load(file.read_text())
    manifest["metadata"]["namespace"] = NAMESPACE
    first = kubectl("apply", manifest=manifest)
    assert "created" in first.stdout, first.stderr
    assert "unchanged" in kubectl("apply", manifest=manifest).stdout


@pytest.mark.parametrize(
    "change",
    [
        {"spec.deletionPolicy": "Everything"},
        {"spec.suspend": True},
        {"spec.layers.edge": {"enabled": False}},
        {"spec.layers.foundation.config.alertEmails": ["ops@example.com"]},
        {"spec.aws.assumeRoleArn": "arn:aws:iam::123456789012:role/tradai-deploy"},
        {"spec.aws.endpointUrl": "http://127.0.0.1:5000"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_may_change_changes(change: dict[str, Any], kubectl: Kubectl) -> None:
    name = {"metadata.name": "changing"}
    assert kubectl("apply", manifest=example(name)).returncode == 0
    answer = kubectl("apply", manifest=example(name | change))
    assert "configured" in answer.stdout, answer.stderr


@pytest.mark.parametrize("environment", ["dev", "staging", "prod", "eph-1", "eph-pr123456"])
def test_every_environment_that_fits_is_taken(environment: str, kubectl: Kubectl) -> None:
    answer = kubectl("apply", "--dry-run=server", manifest=example({"spec.environment": environment}))
    assert answer.returncode == 0, answer.stderr


def test_an_environment_that_ends_by_itself_is_taken(kubectl: Kubectl) -> None:
    changes = {"spec.environment": "eph-pr1", "spec.ttl": "72h", "spec.deletionPolicy": "Everything"}
    answer = kubectl("apply", "--dry-run=server", manifest=example(changes))
    assert answer.returncode == 0, answer.stderr


def test_what_is_left_out_gets_its_default(kubectl: Kubectl) -> None:
    manifest = example({"metadata.name": "defaults", "spec.deletionPolicy": None, "spec.layers": {"edge": {}}})
    answer = kubectl("apply", "-o", "json", manifest=manifest)
    spec = json.loads(answer.stdout)["spec"]
    assert (spec["deletionPolicy"], spec["blueprint"], spec["suspend"]) == ("Soft", "tradai", False)
    assert spec["layers"] == {"edge": {"enabled": True}}


@pytest.mark.parametrize(
    ("path", "lesson"),
    [
        ("spec", "dev, staging, prod, or eph- and up to 8 characters"),
        ("spec.aws", "The AWS account, twelve digits in quotation marks."),
        ("spec.state.secrets.passphraseSecretRef", "Name of the Secret, in this namespace."),
        ("spec.layers.foundation.config", "Addresses that are subscribed to the topic of alerts."),
        ("spec.deletionPolicy", "Retain (nothing), Soft (edge and compute)"),
        ("status", "Where the environment stands, in one word."),
        ("status.layers.failure", "What to do about it."),
    ],
)
def test_kubectl_explain_teaches(path: str, lesson: str, kubectl: Kubectl) -> None:
    text = " ".join(kubectl("explain", f"tradaienv.{path}").stdout.split())
    assert lesson in text


def test_kubectl_get_shows_the_columns_and_fills_them_from_the_status(kubectl: Kubectl) -> None:
    kubectl("apply", manifest=example({"metadata.name": "columns"}))
    status = {
        "phase": "Building",
        "layersText": "3/4",
        "drift": {"text": "none"},
        "endpoint": "https://api.example.com",
        "revision": "abc",
        "message": "compute: 4 of 9",
        "conditions": [{"type": "Ready", "status": "False"}],
        "layers": [{"name": "compute", "state": "Running", "startedAt": "2026-11-21T09:00:00Z"}],
        "outputs": {"foundation": {"vpc_id": "vpc-1", "public_subnet_ids": ["a", "b"], "nested": {"a": 1}}},
    }
    patch = ("patch", "tradaienv", "columns", "-n", NAMESPACE, "--subresource=status", "--type=merge")
    answer = kubectl(*patch, "-p", json.dumps({"status": status}))
    assert answer.returncode == 0, answer.stderr
    header, row = kubectl("get", "tenv", "columns", "-n", NAMESPACE, "-o", "wide").stdout.splitlines()
    assert header.split() == [
        "NAME", "ENV", "PHASE", "READY", "LAYERS", "DRIFT", "ENDPOINT", "AGE",
        "BLUEPRINT", "ACCOUNT", "REGION", "REVISION", "EXPIRES", "UPDATE", "MESSAGE",
    ]  # fmt: skip
    assert row.split()[:7] == ["columns", "dev", "Building", "False", "3/4", "none", "https://api.example.com"]
    stored = json.loads(kubectl("get", "tenv", "columns", "-n", NAMESPACE, "-o", "json").stdout)["status"]
    assert stored["outputs"] == status["outputs"], "the API server must prune none of the outputs"


#: As much as a platform's outputs are.
_OUTPUTS = {"persistent": {f"dynamodb_table_{number}_arn": "arn:aws:dynamodb:" + "x" * 80 for number in range(400)}}


@pytest.mark.parametrize(
    "typo",
    [{"spec.approvl": "Never"}, {"spec.approval": "Nevr"}, {"spec.layers.compute": {"config": {"skipAl": True}}}],
)
def test_a_typo_in_a_living_environment_is_answered_in_a_sentence(typo: dict[str, Any], kubectl: Kubectl) -> None:
    """However much its status holds; where a value is none, the API server adds that it looked no further."""
    living, apply = {"metadata.name": "living"}, ("apply", "--server-side")
    assert kubectl(*apply, manifest=example(living)).returncode == 0
    patch = ("patch", "tradaienv", "living", "-n", NAMESPACE, "--subresource=status", "--type=merge")
    assert kubectl(*patch, "-p", json.dumps({"status": {"outputs": _OUTPUTS}})).returncode == 0
    answer = kubectl(*apply, manifest=example(living | typo))
    assert answer.returncode != 0
    first, *more = [line for line in answer.stderr.splitlines() if not line.endswith("is invalid: ")]
    assert any(name.rpartition(".")[2] in first for name in typo) or "skipAl" in first
    assert all("some validation rules were not checked" in line for line in more)
    assert len(answer.stderr) < 600


def test_whoever_applied_by_the_client_before_goes_on_by_the_server(kubectl: Kubectl) -> None:
    """What was applied goes over as it stands; a field that somebody else has set since is theirs to overrule."""
    name = {"metadata.name": "before"}
    assert kubectl("apply", manifest=example(name)).returncode == 0
    assert kubectl("apply", "--server-side", manifest=example(name)).returncode == 0
    assert kubectl("apply", "--server-side", manifest=example(name | {"spec.suspend": True})).returncode == 0
    patch = ("patch", "tradaienv", "before", "-n", NAMESPACE, "--type=merge", "--field-manager=somebody")
    assert kubectl(*patch, "-p", '{"spec": {"suspend": false}}').returncode == 0
    refused = kubectl("apply", "--server-side", manifest=example(name | {"spec.suspend": True}))
    assert refused.returncode != 0
    assert 'conflict with "somebody"' in refused.stderr
    assert ".spec.suspend" in refused.stderr
    overruled = kubectl("apply", "--server-side", "--force-conflicts", manifest=example(name | {"spec.suspend": True}))
    assert overruled.returncode == 0, overruled.stderr


def test_a_window_without_a_zone_is_kept_as_it_was_written(kubectl: Kubectl) -> None:
    """What compares a manifest with what is stored finds them alike."""
    windows = [{"schedule": "0 22 * * SAT", "duration": "4h"}]
    manifest = example({"metadata.name": "zoneless", "spec.maintenance": {"windows": windows}})
    answer = kubectl("apply", "--server-side", "-o", "json", manifest=manifest)
    assert json.loads(answer.stdout)["spec"]["maintenance"]["windows"] == windows


def test_kubectl_get_finds_environments_by_category(kubectl: Kubectl) -> None:
    kubectl("apply", manifest=example({"metadata.name": "found"}))
    assert "found" in kubectl("get", "tradai", "-n", NAMESPACE).stdout


def test_the_definition_was_taken_without_a_complaint(kubectl: Kubectl) -> None:
    answer = kubectl("get", "crd", "tradaienvironments.tradai.io", "-o", "json")
    conditions = {c["type"]: c for c in json.loads(answer.stdout)["status"]["conditions"]}
    assert conditions["Established"]["status"] == "True"
    assert "NonStructuralSchema" not in conditions
