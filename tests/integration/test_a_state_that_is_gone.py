"""A state that is not where it was, on the real engine: nothing is done on it, and nobody takes it for a new stack."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.faults.sample import manifest
from tests.integration.conftest import RunningSandbox
from tests.integration.test_infra_by_hand import infra
from tests.integration.test_preflight import passphrase, run  # noqa: F401 - a fixture
from tradai_runner.contract import Owner, RunResult

BUCKET = "tradai-pulumi-state-dev"
OWNER = Owner(cluster="c-1", resource="tradai/gone", uid="uid-1")


@dataclass
class Stack:
    """The sample's first layer under an environment of its own, as the operator runs it."""

    sandbox: RunningSandbox
    folder: Path
    passphrase: Path
    environment: str

    def run(self, operation: str = "up", **more: Any) -> RunResult:
        asked = {"environment": self.environment, "operation": operation, "owner": OWNER, "survey": ""}
        if operation == "destroy":
            asked["confirmed"] = ("*",)
        return run(self.sandbox, self.folder, self.passphrase, **(asked | more))

    @property
    def state(self) -> str:
        return f".pulumi/stacks/sample-store/{self.environment}.json"

    def keys(self, prefix: str = "") -> list[str]:
        pages = self.sandbox.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [
            found["Key"] for page in pages for found in page.get("Contents", []) if self.environment in found["Key"]
        ]

    def lose(self, *prefixes: str) -> None:
        for key in (key for prefix in prefixes for key in self.keys(prefix)):
            self.sandbox.client("s3").delete_object(Bucket=BUCKET, Key=key)

    def read(self) -> bytes:
        body: bytes = self.sandbox.client("s3").get_object(Bucket=BUCKET, Key=self.state)["Body"].read()
        return body

    def write(self, body: bytes) -> None:
        self.sandbox.client("s3").put_object(Bucket=BUCKET, Key=self.state, Body=body)

    def in_aws(self) -> list[str]:
        names = self.sandbox.client("dynamodb").list_tables()["TableNames"]
        return [name for name in names if name.endswith(self.environment)]


Standing = Callable[[str], Stack]


@pytest.fixture
def standing(sandbox: RunningSandbox, tmp_path: Path, passphrase: Path) -> Standing:  # noqa: F811
    def build(environment: str) -> Stack:
        stack = Stack(sandbox, tmp_path, passphrase, environment)
        built = stack.run()
        assert built.outcome == "succeeded", built.failure
        assert stack.in_aws()
        return stack

    return build


ALL = ("up", "preview", "refresh", "destroy", "teardown", "drift")


def asked(what: str) -> tuple[str, dict[str, Any]]:
    """Operation and request of a word of `ALL`."""
    previews: dict[str, dict[str, Any]] = {
        "teardown": {"keep_plan": True, "teardown": True},
        "preview": {"keep_plan": True},
        "drift": {"drift": {"ignore": ()}},
    }
    return ("preview" if what in previews else what), previews.get(what, {})


@pytest.mark.parametrize(
    ("stage", "lost"),
    [
        pytest.param("eph-gone1", (".pulumi/stacks/sample-store/{}.json",), id="the state and its copy"),
        pytest.param("eph-gone2", (".pulumi/",), id="everything of the engine"),
    ],
)
def test_nothing_is_done_on_a_state_that_is_gone(standing: Standing, stage: str, lost: tuple[str, ...]) -> None:
    stack = standing(stage)
    kept = stack.read()
    stack.lose(*(each.format(stage) for each in lost))
    before = stack.in_aws()
    for what in ALL:
        operation, more = asked(what)
        result = stack.run(operation, **more)
        assert result.outcome == "failed", (what, result)
        assert result.failure is not None and result.failure.kind == "StateGone", (what, result.failure)
        assert "tradai state restore" in result.failure.hint and "tradai.io/abandon" in result.failure.hint
        assert result.plan is None
        assert stack.keys(stack.state) == [], f"{what} made a new one"
    assert stack.in_aws() == before
    stack.write(kept)
    assert stack.run().outcome == "succeeded"
    assert stack.run("destroy").outcome == "succeeded"
    assert stack.in_aws() == []


def test_what_the_asker_knows_counts_where_the_bucket_has_nothing_left(standing: Standing) -> None:
    stack = standing("eph-gone3")
    kept = stack.read()
    stack.lose(".pulumi/", ".tradai/")
    refused = stack.run("destroy", stood=True)
    assert refused.failure is not None and refused.failure.kind == "StateGone"
    assert stack.in_aws()
    stack.write(kept)
    assert stack.run("destroy", stood=True).outcome == "succeeded"


def test_what_never_stood_has_nothing_to_destroy_and_what_was_destroyed_may_come_again(
    sandbox: RunningSandbox,
    tmp_path: Path,
    passphrase: Path,  # noqa: F811
) -> None:
    stack = Stack(sandbox, tmp_path, passphrase, "eph-gone4")
    assert stack.run("destroy").outcome == "succeeded"
    assert stack.run().outcome == "succeeded"
    assert stack.run("destroy").outcome == "succeeded"
    stack.lose(".pulumi/stacks/")
    assert stack.run("destroy").outcome == "succeeded", "nothing of it stands, and the bucket says so"
    assert stack.run().outcome == "succeeded"
    assert stack.run("destroy").outcome == "succeeded"


BY_HAND = (
    ("up", "store"),
    ("refresh", "store"),
    ("down", "store", "--yes"),
    ("teardown", "persistent"),
    ("outputs",),
    ("preview", "work"),
)


def test_a_person_is_refused_like_the_operator(standing: Standing, tmp_path: Path) -> None:
    stack = standing("eph-gone5")
    kept = stack.read()
    path = tmp_path / "env.yaml"
    path.write_text(yaml.safe_dump(manifest("eph-gone5")))

    def by_hand(word: str, *more: str, status: int = 0) -> str:
        order = (
            (word, stack.environment, *more) if word == "outputs" else (word, *more[:1], stack.environment, *more[1:])
        )
        ran = infra(stack.sandbox, path, *order, status=status, PULUMI_CONFIG_PASSPHRASE="open sesame")
        return ran.stdout + ran.stderr

    stack.lose(stack.state)
    for words in BY_HAND:
        assert "the state of this stack is gone" in by_hand(*words, status=1), words
    assert stack.in_aws()
    stack.write(kept)
    by_hand("down", "store", "--yes")
    assert stack.in_aws() == []
