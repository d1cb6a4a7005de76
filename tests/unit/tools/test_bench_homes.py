"""What the homes' figures are made of: samples in, figures out, and nothing left out without a word."""

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from tools.bench.figures import Figure, Report
from tools.bench.homes import gitops, idle, needs, start, writes
from tools.bench.homes.example import environment
from tools.bench.homes.idle import Idle
from tools.bench.homes.scenario import Part, played
from tools.bench.homes.writes import CROWD, Stretches
from tools.provision.say import LackError
from tradai_operator.model.environment import parse_spec

EXPOSED = """
# TYPE tradai_reconcile_seconds histogram
tradai_reconcile_seconds_bucket{le="0.01",outcome="done"} 7.0
tradai_reconcile_seconds_count{outcome="done"} 2.0
tradai_reconcile_seconds_count{outcome="superseded"} 1.0
tradai_leader 1.0
"""


def by_name(figures: list[Figure]) -> dict[str, float]:
    return {figure.name: figure.value for figure in figures}


class Counting:
    """A server that notes who writes what, and fails where two write one environment at once."""

    def __init__(self, name: str, order: list[str], count: int = 20) -> None:
        self.name, self.order, self.count = name, order, count
        self.writes: Counter[str] = Counter()
        self._noting = threading.Lock()
        self._busy = {self._name(number): threading.Lock() for number in range(count)}

    def _name(self, number: int) -> str:
        return f"{self.name}-{number}"

    def environments(self, limit: int = 1) -> list[dict[str, Any]]:
        assert limit == 0, "all of them"
        return [{"metadata": {"name": self._name(number)}} for number in range(self.count)]

    def write_status(self, body: Mapping[str, Any], message: str) -> float:
        name = body["metadata"]["name"]
        assert self._busy[name].acquire(blocking=False), f"{name} is written by two at once"
        with self._noting:
            self.writes[name] += 1
            if self.order[-1:] != [self.name]:
                self.order.append(self.name)
        self._busy[name].release()
        return 0.25


def test_a_home_is_told_process_by_process_and_as_one() -> None:
    told = by_name(idle.figures("home", {"etcd": Idle(40, 1.5), "operator": Idle(120, 0.5)}))
    assert (told["resident: etcd"], told["idle, of one core: operator"]) == (40, 0.5)
    assert (told["resident: together"], told["idle, of one core: together"]) == (160, 2.0)


def test_one_process_alone_has_no_sum() -> None:
    assert list(by_name(idle.figures("home", {"operator": Idle(1, 1)}))) == [
        "resident: operator",
        "idle, of one core: operator",
    ]


def test_a_home_is_held_against_all_of_the_sandbox() -> None:
    ecs, sandbox = {"kine": Idle(50, 2), "operator": Idle(150, 4)}, {"etcd": Idle(100, 3)}
    assert list(by_name(idle.ratios("home", ecs, sandbox)).values()) == [2.0, 2.0]


def test_turns_of_all_outcomes_count_and_buckets_do_not() -> None:
    assert start.turns(EXPOSED) == 3
    assert start.turns("tradai_leader 1.0\n") == start.turns("") == 0


def test_writes_a_second_are_those_of_all_stretches_over_all_their_seconds() -> None:
    found = Stretches()
    found.add([0.010] * 19, 1.0)
    found.add([0.200], 4.0)
    assert (found.rate, found.p95) == (4.0, 10.0)
    found.add([0.200], 0.0)
    assert found.p95 == 200.0


def test_both_servers_are_written_to_in_turn_and_no_two_writers_meet() -> None:
    order: list[str] = []
    servers = {name: Counting(name, order) for name in ("etcd", "PostgreSQL")}
    found = writes.compare(servers, minutes=0.002)  # type: ignore[arg-type]
    assert order == ["etcd", "PostgreSQL"] * (len(order) // 2) and len(order) == 12
    for name, server in servers.items():
        assert sum(len(each.samples) for each in found[name].values()) == server.writes.total()


def test_writes_are_told_of_both_and_one_over_the_other() -> None:
    fast, slow = Stretches([0.01] * 10, 1.0), Stretches([0.04] * 5, 1.0)
    told = by_name(
        writes.figures(
            "store", "PostgreSQL", "etcd", {"etcd": {1: fast, CROWD: fast}, "PostgreSQL": {1: slow, CROWD: slow}}
        )
    )
    assert told["writes a second, one writer: PostgreSQL over etcd"] == 0.5
    assert told[f"status patch, p95, {CROWD} writers: PostgreSQL over etcd"] == 4.0
    assert told["status patch, p95, one writer: etcd"] == 10.0


def test_a_commit_is_held_against_an_apply_by_their_medians() -> None:
    told = by_name(gitops.figures([10.0, 30.0, 11.0], [22.0, 20.0, 90.0]))
    assert told["commit to Ready over apply to Ready"] == 2.0


def test_the_environment_of_every_home_is_the_same_but_for_its_role_and_whose_it_is() -> None:
    """Two clusters build beside each other in one account: what one owns, the other would refuse to touch."""
    plain, stepping = environment(), environment("arn:aws:iam::123456789012:role/tradai-deploy-dev")
    assert stepping["spec"]["aws"].pop("assumeRoleArn").endswith("tradai-deploy-dev")
    assert plain["spec"].pop("environment") != stepping["spec"].pop("environment")
    assert plain == stepping


def test_what_the_machine_lacks_is_said_and_the_rest_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    def lacking() -> None:
        needs.binaries("--gitops", "no-such-binary")

    def never(_: float) -> Report:
        raise AssertionError("it is left out")

    def measured(minutes: float) -> Report:
        return [Figure("home", "minutes", minutes, "")], {"seen": minutes}

    parts = (Part("git", lacking, never), Part("rest", lambda: None, measured))
    figures, samples = played(parts, 2.0)
    assert by_name(figures) == {"minutes": 2.0}
    assert samples["rest"] == {"seen": 2.0}
    sentence = "no-such-binary not built here: run `python -m tools.bootstrap --gitops`, then measure again"
    assert samples["lacks"] == {"git": sentence}
    assert f"git is left out: {sentence}" in capsys.readouterr().err


def test_a_port_of_the_task_that_is_taken_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "binaries", lambda *_: None)
    monkeypatch.setattr(needs, "programs", lambda: None)
    monkeypatch.setattr(needs, "is_free", lambda port: port != needs.TASK_PORTS[1])
    with pytest.raises(LackError, match=r"end what listens on 2379$"):
        needs.ecs()


def test_every_environment_of_both_ways_to_ready_is_one_of_its_own_and_may_be_built() -> None:
    made = [gitops.manifest(f"{way}-{number}") for number in range(3) for way in ("applied", "committed")]
    assert len({parse_spec(each).environment for each in made}) == len({each["metadata"]["name"] for each in made}) == 6
