"""`tradai diff` shows the plan that waits, and none that only lies in its place."""

from typing import Any

import pytest
import typer

from tests.fakes.bodies import body
from tests.unit.cli.test_plan_text import PLAN
from tradai_cli import approve
from tradai_operator.model import Environment, EnvironmentStatus, LayerPlan, LayerStatus


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
        (b"{}", "is not what it was"),
        (PLAN.model_copy(update={"changes": ()}).model_dump_json().encode(), "is not what it was"),
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
