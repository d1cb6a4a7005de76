"""An answer of AWS that was lost: what it made is there, the state lacks it, and making it again is refused."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.faults.errors import Answer
from tests.faults.proxy import RESET, Call, Proxy
from tests.integration.conftest import RunningSandbox
from tradai_cli.by_hand import request_for
from tradai_operator.model.environment import parse_spec
from tradai_runner.contract import RunResult, Update
from tradai_runner.journal.local import RunJournal

EXAMPLE = Path("crds/examples/env-sample.yaml")
STAGE = "eph-lost"


@pytest.fixture
def proxy(sandbox: RunningSandbox) -> Iterator[Proxy]:
    opened = Proxy(sandbox.endpoint)
    yield opened
    opened.close()


def request(proxy: Proxy, number: int, stage: str = STAGE) -> Update:
    """The sample's store."""
    body: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text())
    body["spec"]["environment"] = stage
    more = {"run_id": f"run-{number}", "endpoint_url": proxy.url}
    return request_for(Update, "store", parse_spec(body)).model_copy(update=more)


def run(sandbox: RunningSandbox, proxy: Proxy, folder: Path, number: int, stage: str = STAGE) -> RunResult:
    """It, by a runner as the operator would start it."""
    journal = RunJournal(folder / f"run-{number}")
    journal.open(request(proxy, number, stage))
    command = [sys.executable, "-m", "tradai_runner", str(journal.path)]
    env = sandbox.env | {"AWS_ENDPOINT_URL": proxy.url}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600, check=False)
    result = journal.result()
    assert result is not None, done.stderr
    return result


class Lost:
    """AWS makes the table, and nobody hears of it: a client asks again by itself, and is refused."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, call: Call, after: bool) -> Answer | None:
        if not after or call.operation != "CreateTable" or self.times:
            return None
        self.times += 1
        return RESET


def test_what_was_made_without_an_answer_is_taken_over_and_made_once(
    sandbox: RunningSandbox, proxy: Proxy, tmp_path: Path
) -> None:
    with proxy.under(lost := Lost()):
        first = run(sandbox, proxy, tmp_path, 1)
    assert lost.times == 1
    assert first.outcome == "succeeded", first.failure
    (line,) = first.repairs
    assert "made by this stack; taken into the state" in line.what
    again = run(sandbox, proxy, tmp_path, 2)
    assert again.outcome == "succeeded", again.failure
    counts = again.resources
    assert (counts.created, counts.replaced, counts.deleted) == (0, 0, 0)


def _table(sandbox: RunningSandbox, name: str) -> None:
    sandbox.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_a_strangers_thing_of_our_name_is_named_and_goes_on_once_it_is_removed(
    sandbox: RunningSandbox, proxy: Proxy, tmp_path: Path
) -> None:
    stage = "eph-taken"
    _table(sandbox, name := f"sample-items-{stage}")
    refused = run(sandbox, proxy, tmp_path, 1, stage)
    assert refused.failure is not None
    assert refused.failure.kind == "Conflict"
    assert refused.failure.urn.endswith("::items")
    assert "aws:dynamodb/table:Table items is in AWS already, and this stack did not make it" in refused.failure.error
    sandbox.client("dynamodb").delete_table(TableName=name)
    assert run(sandbox, proxy, tmp_path, 2, stage).outcome == "succeeded"
