"""The alerts: each asks for what the operator tells and has its page, and what needs a person has an alert."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from tests.unit.charts.promql import Asked, grouped, selectors
from tests.unit.documents.pages import anchors
from tradai_iac.failure import FailureClass
from tradai_operator.plan.retry import RETRIES
from tradai_operator.status.happenings import REASONS
from tradai_operator.status.metrics import METRICS
from tradai_operator.status.notices import KINDS
from tradai_operator.status.phases import READINGS, Phase

ROOT = Path(__file__).parents[3]
FILE = ROOT / "charts" / "tradai-operator" / "files" / "alerts.yaml"
RUNBOOKS = ROOT / "docs" / "operations"
GROUPS = yaml.safe_load(FILE.read_text())["groups"]
ALERTS = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}
SAMPLES = {sample: metric for metric in METRICS for sample in metric.samples}
#: What a label can be, where that is a closed list.
VALUES: dict[str, set[str]] = {
    "phase": {phase.value for phase in Phase} | {"Pending"},
    "reason": {*REASONS.values(), "lock"},
    "class": set(get_args(FailureClass)),
    "outcome": {"done", "superseded", "failed", "succeeded", "cancelled", "complete", "missing", "delivered"},
    "drift": {"drifted", "none", "unknown"},
    "kind": {*KINDS, "Other"},
}
#: Goes on by itself, and nothing has to be done.
CALM = {Phase.READY, Phase.BUILDING, Phase.WINDOW, Phase.DELETING}
#: Failures that have no alert of their own class: why.
MENDED = {
    "Lock": "a wait of its own, TradaiLockHeld",
    "Plan": "planned again by itself",
    "Lost": "repaired by the next run",
    "Unfinished": "repaired by the next run",
    "Unseen": "repaired by the next run",
    "NotStarted": "tried again",
    "Network": "tried again",
}

every_alert = pytest.mark.parametrize("name", ALERTS)


def matched(asked: Asked, label: str) -> set[str]:
    """The values of a label that a selector takes; all where it does not ask."""
    known, found = VALUES[label], set(VALUES[label])
    for name, operator, value in asked.matchers:
        if name == label:
            listed = {each for each in known if re.fullmatch(value, each)}
            found &= listed if operator in {"MatchOp.Re", "MatchOp.Equal"} else known - listed
    return found


def asking(metric: str, label: str) -> set[str]:
    """The values that some alert watches on a metric, each named by its matcher."""
    asked = [found for rule in ALERTS.values() for found in selectors(rule["expr"]) if found.metric == metric]
    named = [found for found in asked if any(name == label for name, _, _ in found.matchers)]
    return {value for found in named for value in matched(found, label)}


def test_names_are_unique_and_there_are_some() -> None:
    assert len(ALERTS) == sum(len(group["rules"]) for group in GROUPS) > 20
    assert len({group["name"] for group in GROUPS}) == len(GROUPS)


@every_alert
def test_its_expression_asks_for_metrics_that_exist_by_labels_that_they_have(name: str) -> None:
    expression = ALERTS[name]["expr"]
    found = selectors(expression)
    assert found
    for asked in found:
        labels = {*SAMPLES[asked.metric].labels, *(["le"] if asked.metric.endswith("_bucket") else [])}
        assert {label for label, _, _ in asked.matchers} <= labels
        assert grouped(expression) <= labels


@every_alert
def test_it_asks_for_values_that_labels_can_have(name: str) -> None:
    for asked in selectors(ALERTS[name]["expr"]):
        for label, operator, value in asked.matchers:
            words = value.split("|") if operator in {"MatchOp.Re", "MatchOp.NotRe"} else [value]
            assert set(words) <= VALUES[label]


@every_alert
def test_it_says_how_bad_it_is_what_it_is_and_where_to_read_on(name: str) -> None:
    rule = ALERTS[name]
    told: dict[str, Any] = rule["annotations"]
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"] == {"severity": rule["labels"]["severity"]}
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert re.fullmatch(r"\d+[mhd]", rule.get("for", "0m"))
    assert set(told) == {"summary", "description", "runbook_url"}
    assert all(told[each].strip().endswith((".", "?")) for each in ("summary", "description"))
    shown = set(re.findall(r"\$labels\.(\w+)", f"{told['summary']} {told['description']}"))
    assert shown <= grouped(rule["expr"]), "a label that is summed away is empty"


@every_alert
def test_its_page_has_a_heading_for_it(name: str) -> None:
    place, page, anchor = re.split("[/#]", ALERTS[name]["annotations"]["runbook_url"])
    assert (place, anchor) == ("RUNBOOKS", name.lower())
    assert anchor in anchors(RUNBOOKS / page)


def test_no_heading_speaks_of_an_alert_that_is_not() -> None:
    told = {anchor for anchor in anchors(RUNBOOKS / "runbook.md") if anchor.startswith("tradai")}
    assert told == {name.lower() for name in ALERTS}


def test_every_phase_that_needs_somebody_has_an_alert() -> None:
    watched = asking("tradai_environments", "phase")
    reasons = asking("tradai_environments_waiting", "reason")
    seen = {phase for phase in Phase if phase.value in watched or REASONS.get(phase.value) in reasons}
    assert seen == set(Phase) - CALM
    assert not {phase for phase in CALM if READINGS[phase].stalled}


def test_every_class_of_failures_has_an_alert_stands_still_for_one_or_mends_itself() -> None:
    """What stands still at once makes its environment Failed, which TradaiEnvironmentStalled tells."""
    watched = asking("tradai_layers_failed", "class")
    at_once = {kind for kind, retry in RETRIES.items() if retry.limit == 1}
    others = set(get_args(FailureClass)) - watched - at_once
    assert others == MENDED.keys() | {"Images", "Provider"}, "those two are TradaiRunsFailing's"
    assert not watched & MENDED.keys()
