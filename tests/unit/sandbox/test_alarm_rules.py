"""The rules of composite alarms are read as AWS reads them, and hold or not for the states of their alarms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_sandbox.moto_ext.gaps.alarm_rules import AlarmRuleError, parse

STATES = {"burning": "ALARM", "quiet": "OK", "new": "INSUFFICIENT_DATA", "with (odd) name": "ALARM"}
ARN = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm"


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ('ALARM("burning")', True),
        ("ALARM(burning)", True),
        ('OK("burning")', False),
        ('INSUFFICIENT_DATA("new")', True),
        (f'ALARM("{ARN}:burning")', True),
        (f"OK({ARN}:quiet)", True),
        ('ALARM("with (odd) name")', True),
        ('NOT ALARM("quiet")', True),
        ('NOT NOT ALARM("quiet")', False),
        ("TRUE", True),
        ("FALSE OR TRUE", True),
        ('ALARM("quiet") OR ALARM("burning")', True),
        ('ALARM("quiet") AND ALARM("burning")', False),
        ("TRUE OR TRUE AND FALSE", True),
        ("(TRUE OR TRUE) AND FALSE", False),
        ("NOT FALSE AND FALSE", False),
        ("NOT (FALSE AND FALSE)", True),
        ('\n  ALARM( "quiet" )\n  OR (OK("quiet") AND NOT INSUFFICIENT_DATA("burning"))\n', True),
    ],
)
def test_a_rule_holds_for_the_states_it_asks_for(rule: str, holds: bool) -> None:
    assert parse(rule).holds(lambda name: STATES[name]) is holds


def test_a_rule_knows_the_alarms_that_it_names() -> None:
    condition = parse(f'ALARM("a") AND (OK(b) OR NOT ALARM({ARN}:c)) AND ALARM("a")')
    assert condition.names == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("()", r"Unsupported token '\)' at char 1"),
        ("", "Unexpected end of rule"),
        ('ALARM("a") OR', "Unexpected end of rule"),
        ('ALARM("a") ALARM("b")', "Unsupported token 'ALARM' at char 11"),
        ('alarm("a")', "Unsupported token 'alarm' at char 0"),
        ('ALARM("a"', "Unexpected end of rule"),
        ("ALARM()", r"Unsupported token '\)' at char 6"),
        ('ALARM("a', "Unbalanced quotes"),
        ('"a"', "Unsupported token"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_with_the_place(rule: str, said: str) -> None:
    with pytest.raises(AlarmRuleError, match=said):
        parse(rule)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), st.sampled_from(["ALARM", "OK"]), min_size=1))
def test_any_of_many_alarms_is_enough_for_a_rule_of_alternatives(states: dict[str, str]) -> None:
    condition = parse(" OR ".join(f'ALARM("{name}")' for name in states))
    assert condition.holds(states.__getitem__) is ("ALARM" in states.values())
    assert condition.names == set(states)
