"""A report of drift as lines: what is missing first, expected → found, ignored last and with its reason."""

from tradai_cli.drift_text import lines, progress
from tradai_operator.model import EnvironmentStatus, LayerStatus
from tradai_operator.model.drift_status import DriftStatus, LayerDrift, LookRun
from tradai_runner.drift.report import DriftReport, PropertyDrift, ResourceDrift

TABLE = "aws:dynamodb/table:Table"


def found(kind: str, name: str = "items", **more: object) -> ResourceDrift:
    return ResourceDrift.model_validate(
        {"urn": f"urn:pulumi:dev::p::{TABLE}::{name}", "type": TABLE, "kind": kind} | more
    )


def text(*resources: ResourceDrift, full: bool = False) -> list[str]:
    report = DriftReport(
        run_id="r", layer="store", environment="dev", stack="s", checked_at=1_800_000_000, resources=resources
    )
    return [line.text for line in lines(report, full=full)]


def test_a_layer_that_is_as_declared_is_one_line() -> None:
    assert text() == ["store of dev: as declared (looked at 2027-01-15 08:00 UTC)"]


def test_counts_come_first_then_each_resource_with_expected_and_found() -> None:
    tag = PropertyDrift(path="tags.Note", expected='"a"', found='"b"')
    gone = PropertyDrift(path="ttl", expected="1")
    assert text(found("missing"), found("unexpected", "more"), found("changed", "other", properties=(tag, gone))) == [
        "store of dev: 1 missing, 1 unexpected, 1 changed (looked at 2027-01-15 08:00 UTC)",
        f"  - {TABLE} items (gone from AWS)",
        f"  + {TABLE} more (nothing declares it)",
        f"  ~ {TABLE} other",
        '      tags.Note: "a" → "b"',
        "      ttl: 1 → absent",
    ]


def test_what_is_ignored_comes_last_with_its_reason() -> None:
    said = text(found("missing", "moved", ignored="moved elsewhere"), found("missing", in_state=False))
    assert said[1:] == [
        f"  - {TABLE} items (not in the state)",
        f"    {TABLE} moved (gone from AWS): ignored, moved elsewhere",
    ]
    tag = PropertyDrift(path="tags", expected="1", found="2", ignored="a scanner")
    assert text(found("changed", properties=(tag,)))[-1] == "      tags: 1 → 2   # ignored, a scanner"


def test_a_long_value_is_cut_unless_all_of_it_is_asked_for() -> None:
    long = PropertyDrift(path="policy", expected="x" * 200, found="1")
    drifted = found("changed", properties=(long,), replaces=True)
    assert "…" in text(drifted)[-1]
    assert "x" * 200 in text(drifted, full=True)[-1]
    assert text(drifted)[1].endswith("(putting it back replaces it)")


def test_whoever_waits_for_a_look_is_told_how_far_it_is() -> None:
    layers = tuple(LayerStatus(name=name, state="Ready") for name in ("asked", "looking", "looked"))
    drift = DriftStatus(
        layers=(LayerDrift(name="looking", run=LookRun(id="r")), LayerDrift(name="looked", request="now"))
    )
    status = EnvironmentStatus(layers=(*layers, LayerStatus(name="busy", state="Running")), drift=drift)
    assert list(progress(status, ["asked", "looking", "looked", "busy"], "now")) == [
        "asked: waits for its look",
        "looking: is being looked at",
        "looked: looked at",
        "busy: is not looked at while it is Running",
    ]
