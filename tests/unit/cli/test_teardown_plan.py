"""What a teardown takes, what it refuses, and what it leaves."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tradai_cli.teardown_plan import Plan, What, filled_meanwhile, layers_of, leftovers, obstacles_of, refusals
from tradai_operator.model import EnvironmentSpec
from tradai_operator.model.environment import parse_spec
from tradai_runner.state.checkpoint import Checkpoint, Recorded
from tradai_runner.teardown.contents import Content, readable

EXAMPLES = Path(__file__).parents[3] / "crds" / "examples"
FULL = Content("bucket", "tradai-configs-prod", 12, 3_400_000)


@pytest.fixture
def spec() -> EnvironmentSpec:
    return parse_spec(yaml.safe_load((EXAMPLES / "env-prod.yaml").read_text()))


def resource(type_: str, name: str = "it", *, protect: bool = False, retained: bool = False, **inputs: Any) -> Recorded:
    return Recorded(f"urn::{name}", type_, name, f"{name}-id", inputs, {}, protect=protect, retained=retained)


def standing(*layers: str) -> dict[str, Checkpoint]:
    topic = Checkpoint((resource("aws:sns/topic:Topic"),))
    names = ("persistent", "foundation", "compute", "edge")
    return {name: topic if name in layers else Checkpoint() for name in names}


@pytest.mark.parametrize(
    ("what", "there", "taken"),
    [
        ("soft", ("persistent", "foundation", "compute", "edge"), ["edge", "compute"]),
        ("soft", ("persistent", "foundation"), []),
        ("all", ("persistent", "foundation", "compute", "edge"), ["edge", "compute", "foundation"]),
        ("all", ("persistent", "foundation"), ["foundation"]),
        ("persistent", ("persistent",), ["persistent"]),
    ],
)
def test_each_word_takes_its_layers_as_far_as_they_are_there(
    spec: EnvironmentSpec, what: What, there: tuple[str, ...], taken: list[str]
) -> None:
    assert list(layers_of(what, spec, standing(*there))) == taken


def test_persistent_takes_everything_that_is_left_each_layer_before_what_it_reads(spec: EnvironmentSpec) -> None:
    order = layers_of("persistent", spec, standing("persistent", "foundation", "compute", "edge"))
    assert order[:2] == ("edge", "compute")
    assert set(order[2:]) == {"persistent", "foundation"}


def plan(*, protected: bool = False, contents: tuple[Content, ...] = ()) -> Plan:
    table = resource("aws:dynamodb/table:Table", protect=True, deletionProtectionEnabled=True)
    recorded = {"persistent": Checkpoint((table,) if protected else ())}
    found = obstacles_of(("persistent",), recorded)
    return Plan("persistent", "prod", ("persistent",), found, {"persistent": contents} if contents else {})


@pytest.mark.parametrize(
    ("protected", "full", "empty", "lift", "said"),
    [
        (False, False, False, False, []),
        (True, False, False, False, ["AWS refuses to delete Table it", "--lift-protection"]),
        (True, False, True, False, ["the engine protects 1 resources", "--lift-protection"]),
        (True, False, False, True, []),
        (False, True, False, False, ["tradai-configs-prod: 12 objects, 3.4 MB", "--empty"]),
        (False, True, True, False, []),
        (True, True, False, False, ["--lift-protection", "--empty"]),
        (True, True, True, True, []),
    ],
)
def test_everything_in_the_way_is_named_with_what_permits_it(
    protected: bool, full: bool, empty: bool, lift: bool, said: list[str]
) -> None:
    text = "\n".join(
        refusals(plan(protected=protected, contents=(FULL,) if full else ()), empty=empty, lift_protection=lift)
    )
    assert all(part in text for part in said)
    assert bool(text) is bool(said)


def test_what_has_been_filled_since_the_confirmation_stops_it() -> None:
    new = Content("bucket", "tradai-logs-prod", 1, 1)
    grown = Content("bucket", "tradai-configs-prod", 99, 1)
    refused = filled_meanwhile((FULL,), (grown, new))
    assert refused is not None
    assert refused.error == f"filled meanwhile: {new}"
    assert filled_meanwhile((FULL, new), (grown, new)) is None


def test_only_data_is_confirmed_by_a_whole_sentence() -> None:
    assert plan().phrase == "destroy all data of prod"
    assert Plan("all", "prod", ("edge",), {}, {}).phrase == "prod"


def test_what_stays_on_purpose_is_named() -> None:
    recorded = {
        "foundation": Checkpoint(
            (
                resource("aws:rds/instance:Instance", skipFinalSnapshot=False, finalSnapshotIdentifier="snap-1"),
                resource("aws:secretsmanager/secret:Secret", recoveryWindowInDays=30),
            )
        ),
        "persistent": Checkpoint((resource("aws:s3/bucket:Bucket", "state", retained=True),)),
    }
    text = "\n".join(leftovers(("foundation", "persistent"), recorded))
    assert all(part in text for part in ("snap-1", "recoverable for 30 days", "state-id"))
    gone = {
        "foundation": Checkpoint(
            (
                resource("aws:rds/instance:Instance", skipFinalSnapshot=True),
                resource("aws:secretsmanager/secret:Secret", recoveryWindowInDays=0),
                resource("aws:s3/bucket:Bucket"),
            )
        )
    }
    assert leftovers(("foundation",), gone) == []


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (3_400_000, "3.4 MB"), (5 * 10**15, "5000.0 TB")],
)
def test_sizes_are_written_as_people_do(size: int, text: str) -> None:
    assert readable(size) == text
