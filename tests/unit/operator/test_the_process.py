"""The operator's process: it keeps out what its libraries would take wherever it is installed, and works without."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "tradai-environments"
#: The clients that kopf imports where they are installed, and what structlog does.
OTHERS = ("kubernetes", "kubernetes_asyncio", "pykube", "rich")
IMPORTED = f"""
import json, sys
import tradai_operator.__main__
print(json.dumps([name for name, found in sys.modules.items() if found and name.partition(".")[0] in {OTHERS}]))
"""
ASKS = """
import json, sys
import tradai_operator.__main__
from tradai_iac.images.registry import EcrRegistry
from tradai_iac.images.wanted import Registry
from tradai_operator.adapters.aws.stacks import BucketStacks
from tradai_operator.ports import Shelf

EcrRegistry(Registry(environment="dev", account_id="123456789012", region="eu-central-1"))
BucketStacks()._store(Shelf("s3://a-bucket", "eu-central-1", None, "tradai", "dev"))
assert "botocore" in sys.modules
print(json.dumps([name for name in sys.modules if name.partition(".")[0] in ("boto3", "s3transfer")]))
"""
LOGIN = """
import json, logging
import tradai_operator.__main__
import kopf
from kopf._core.intents.causes import Activity
from tradai_operator.handlers.events import register

registry = kopf.OperatorRegistry()
register(registry, None)
(handler,) = registry._activities.get_handlers(Activity.AUTHENTICATION)
found = handler.fn(logger=logging.getLogger(), settings=kopf.OperatorSettings())
print(json.dumps([found.server, found.token, found.default_namespace]))
"""


def said(program: str, **variables: str) -> list[str]:
    """What a fresh interpreter prints."""
    ran = subprocess.run(
        [sys.executable, "-c", program], env=variables or None, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found: list[str] = json.loads(ran.stdout)
    return found


def needed(name: str, extras: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every package that one needs, and those that they need; `extras` are of the first alone."""
    known: set[str] = set()
    waiting = [(name, extras)]
    while waiting:
        one, wanted = waiting.pop()
        try:
            lines = requires(one) or []
        except PackageNotFoundError:
            continue  # for another platform or interpreter
        for requirement in map(Requirement, lines):
            marks = [{"extra": extra} for extra in (wanted or {""})]
            if requirement.marker and not any(requirement.marker.evaluate(mark) for mark in marks):
                continue
            found = canonicalize_name(requirement.name)
            if found not in known:
                known.add(found)
                waiting.append((found, frozenset(requirement.extras)))
                yield found


def test_it_never_loads_another_client_though_one_is_installed() -> None:
    assert find_spec("kubernetes")
    assert find_spec("rich")
    assert said(IMPORTED) == []


def test_registry_and_state_bucket_are_asked_without_boto3() -> None:
    assert said(ASKS, AWS_ACCESS_KEY_ID="AKIATEST", AWS_SECRET_ACCESS_KEY="secret") == []


def test_kopf_logs_in_without_any_client(tmp_path: Path) -> None:
    kubeconfig = {
        "current-context": "it",
        "clusters": [{"name": "it", "cluster": {"server": "https://127.0.0.1:6443"}}],
        "users": [{"name": "it", "user": {"token": "the-token"}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it", "namespace": "tradai-system"}}],
    }
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(kubeconfig))
    assert said(LOGIN, KUBECONFIG=str(file)) == ["https://127.0.0.1:6443", "the-token", "tradai-system"]


@pytest.mark.parametrize("client", ["kubernetes", "kubernetes-asyncio", "pykube-ng"])
def test_no_other_client_is_among_what_an_installation_needs(client: str) -> None:
    assert client not in set(needed(PROJECT))


def test_the_official_client_is_among_what_tests_need() -> None:
    assert "kubernetes" in set(needed(PROJECT, frozenset({"dev"})))
