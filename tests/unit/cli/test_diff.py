"""`tradai diff` shows the plan that waits, and none that only lies in its place."""

from datetime import UTC, datetime
from typing import Any

import pytest
import typer

from tests.fakes.bodies import body
from tests.unit.cli.test_plan_text import PLAN
from tests.unit.cli.words import exit_status
from tradai_cli import approve
from tradai_operator.model import Environment, EnvironmentStatus, LayerPlan, LayerStatus, PlanStatus
from tradai_operator.model.approval_status import PlannedLayer
from tradai_operator.model.status import Condition

UNTIL = datetime(2027, 1, 16, 8, tzinfo=UTC)


def waiting(digest: str = PLAN.digest) -> Environment:
    layer = LayerStatus(name="persistent", plan=LayerPlan(run_id="r1", digest=digest))
    return Environment.parse(body() | {"status": EnvironmentStatus(layers=(layer,)).dump()})


def lies(monkeypatch: pytest.MonkeyPatch, content: bytes | None) -> None:
    def fetch(*_: Any) -> bytes | None:
        return content

    monkeypatch.setattr(approve, "fetch", fetch)


def test_the_plan_that_waits_is_shown_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    lies(monkeypatch, PLAN.model_dump_json().encode())
    assert approve._whole(waiting(), "persistent") == PLAN


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is not in s3://tradai-pulumi-state-dev"),
        (b"{}", "has changed since it was made"),
        (PLAN.model_copy(update={"changes": ()}).model_dump_json().encode(), "has changed since it was made"),
    ],
    ids=["nothing", "no plan", "a plan that looks harmless"],
)
def test_what_is_not_that_plan_is_never_shown_to_who_decides(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: bytes | None, said: str
) -> None:
    lies(monkeypatch, content)
    with pytest.raises(typer.Exit):
        approve._whole(waiting(), "persistent")
    told = capsys.readouterr().err
    assert said in told
    assert "`tradai retry dev` plans again" in told


def found(monkeypatch: pytest.MonkeyPatch, status: EnvironmentStatus) -> None:
    env = Environment.parse(body() | {"status": status.dump()})
    monkeypatch.setattr(approve, "find", lambda *_: (None, env))


def test_nothing_that_waits_is_no_failure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found(monkeypatch, EnvironmentStatus(phase="Ready", message="all layers are as declared"))
    assert exit_status(["diff", "dev"]) == 0
    assert "nothing of dev waits for approval" in capsys.readouterr().out
    assert exit_status(["approve", "dev"]) == 1


@pytest.mark.parametrize("wish", ["plan", "update"])
def test_something_that_waits_is_told_by_the_exit_status(
    wish: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lies(monkeypatch, PLAN.model_dump_json().encode())
    layers = waiting().status.layers
    plan = PlanStatus(number=1, digest="p1", layers=(PlannedLayer(name="persistent"),), expires_at=UNTIL)
    update = Condition(type="UpdateAvailable", status="True", reason="Newer", message="a newer program waits")
    told: dict[str, Any] = {"plan": plan} if wish == "plan" else {"conditions": (update,)}
    found(monkeypatch, EnvironmentStatus(layers=layers, **told))
    assert exit_status(["diff", "dev"]) == 2
    assert "its data is lost" in capsys.readouterr().out
