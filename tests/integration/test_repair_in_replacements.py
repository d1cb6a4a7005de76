"""kill -9 in the middle of replacements, on the real engine: the new thing is not taken for the old one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.proxy import Late, Proxy
from tests.integration.conftest import RunningSandbox
from tests.integration.replaced import CREATES, DELETES, Rig
from tests.integration.replacing_program import TYPES


@pytest.fixture
def proxy(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    opened = Proxy(sandbox.endpoint)
    yield opened
    opened.close()


@pytest.mark.parametrize("reached", [True, False], ids=["made", "not made"])
@pytest.mark.parametrize("first", [True, False], ids=["the old one goes first", "the new one comes first"])
def test_a_replacement_that_is_killed_leaves_nothing_behind_and_makes_nothing_twice(
    sandbox: RunningSandbox, proxy: Proxy, tmp_path: Path, first: bool, reached: bool
) -> None:
    rig = Rig(sandbox, proxy, tmp_path, f"r{'ft'[first]}{'ft'[reached]}", TYPES, first)
    rig.run("up", 1)
    rig.killed(2, CREATES, reached=reached)
    assert rig.pending() == sorted(f"creating {name}" for name in TYPES)

    done = rig.settle()
    assert done.failure is None, done.failure
    assert rig.pending() == []
    taken = [repair.urn.rpartition("::")[2] for repair in done.repairs if "taken into the state" in repair.what]
    assert sorted(taken) == (sorted(TYPES) if reached else []), done.repairs

    rig.run("up", 2)
    _exactly_one_of_each(rig)


@pytest.mark.parametrize("reached", [True, False], ids=["deleted", "not deleted"])
def test_a_deletion_before_a_replacement_that_is_killed_is_not_taken_for_done(
    sandbox: RunningSandbox, proxy: Proxy, tmp_path: Path, reached: bool
) -> None:
    rig = Rig(sandbox, proxy, tmp_path, f"rd{'ft'[reached]}", TYPES, first=True)
    rig.run("up", 1)
    rig.killed(2, DELETES, reached=reached)
    assert rig.pending() == sorted(f"deleting {name}" for name in TYPES)

    done = rig.settle()
    assert done.failure is None, done.failure
    rig.run("up", 2)
    _exactly_one_of_each(rig)


def test_what_aws_does_not_show_yet_is_neither_orphaned_nor_built_twice(
    sandbox: RunningSandbox, proxy: Proxy, tmp_path: Path
) -> None:
    rig = Rig(sandbox, proxy, tmp_path, "rl", ("table", "network"), first=False)
    late = Late("CreateTable", "DescribeTable"), Late("CreateVpc", "DescribeVpcs")
    with proxy.under(*late):
        rig.killed(1, CREATES, reached=True)
        done = rig.settle()
    assert done.failure is None, done.failure
    assert [rule.told for rule in late] == [1, 1]
    assert sorted("taken into the state" in repair.what for repair in done.repairs) == [True, True], done.repairs
    rig.run("up", 1)
    _exactly_one_of_each(rig)


def _exactly_one_of_each(rig: Rig) -> None:
    assert rig.in_aws() == rig.in_state()
    assert sorted(name.partition(" ")[0] for name in rig.in_aws()) == sorted(rig.only)
    rig.run("destroy", 2)
    assert not rig.in_aws()
