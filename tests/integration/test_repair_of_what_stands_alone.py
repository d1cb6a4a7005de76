"""kill -9 in the middle of creations and a destroy right after it, on the real engine: nothing stands alone in AWS.

Nor does anything keep from going what it belongs to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.faults.proxy import Call, Proxy
from tests.integration.conftest import RunningSandbox
from tests.integration.provider_cases.case import Case
from tests.integration.replaced import Gathering, Rig
from tests.integration.standing_program import needed
from tradai_runner.repair.rows.watch import ROWS
from tradai_sandbox.aws.calls import CALLER_HEADER, PROVIDER

#: Cases of one type each that need none of each other, and those that need some of these.
WAVES = (
    (
        "logs.policy",
        "sns.queue",
        "events.rule",
        "cloudwatch.dashboard",
        "cloudwatch.member",
        "scaling.target",
        "waf.association",
        "waf.logging",
    ),
    ("events.target-queue", "cloudwatch.composite", "scaling.cpu", "iam.inline", "iam.attachment"),
)
#: What keeps a role from going.
HOLDS = frozenset({"aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"})


@dataclass
class Creations(Gathering):
    """Gathers creations by what the provider says that it is about: `wanted` are names and types."""

    def _name(self, call: Call) -> str | None:
        doing = call.headers.get(CALLER_HEADER.lower(), "")
        return next((name for name, type_ in self.wanted.items() if doing == f"{PROVIDER} create {type_}"), None)


@pytest.fixture
def proxy(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    opened = Proxy(sandbox.endpoint)
    yield opened
    opened.close()


def of(wave: tuple[str, ...]) -> dict[str, Case]:
    return {case.name: case for case in needed(wave) if case.name in wave}


def test_each_type_that_stands_by_itself_is_tried() -> None:
    assert {case.token for wave in WAVES for case in of(wave).values()} == {row.type for row in ROWS} | HOLDS


@pytest.mark.parametrize("reached", [True, False], ids=["made", "not made"])
@pytest.mark.parametrize("wave", WAVES, ids=["by themselves", "on others"])
def test_a_destroy_after_a_kill_leaves_nothing_that_stands_by_itself(
    sandbox: RunningSandbox, proxy: Proxy, tmp_path: Path, wave: tuple[str, ...], reached: bool
) -> None:
    stack, program = f"s{WAVES.index(wave)}{'ft'[reached]}", "tests.integration.standing_program"
    rig = Rig(sandbox, proxy, tmp_path, stack, wave, first=False, program=program, gathering=Creations)
    rig.run("up", 1)
    rig.killed(2, {name: case.token for name, case in of(wave).items()}, reached=reached)
    assert rig.pending() == sorted(f"creating {name}" for name in wave)

    done = rig.settle()
    assert done.failure is None, done.failure
    assert rig.pending() == []
    made = {raw["urn"].rpartition("::")[2]: raw for raw in rig.state()["resources"]}
    assert sorted(made.keys() & set(wave)) == (sorted(wave) if reached else [])
    assert [repair.what for repair in done.repairs if ("taken into the state" in repair.what) is not reached] == []

    rig.run("destroy")
    assert [raw["urn"] for raw in rig.state().get("resources") or []] == []
    assert [name for name, case in of(wave).items() if name in made and _stands(sandbox, case, made[name])] == []


def _stands(sandbox: RunningSandbox, case: Case, raw: dict[str, dict[str, str]]) -> bool:
    try:
        return bool(case.look(sandbox.client, {**raw["outputs"], "id": raw["id"]}))
    except (ClientError, KeyError, IndexError):
        return False
