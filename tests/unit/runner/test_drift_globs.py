"""Globs of ignore rules: `*` stands for anything, and no glob takes long, whoever wrote it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_runner.contract.drift import IgnoreRule
from tradai_runner.drift.report import covers

PARTS = ("urn", "type", "path")
#: So many ways to deal a text out among the stars that trying them would never end.
HOSTILE = ("*" * 60 + "!", "*a" * 60 + "!", "*:*" * 60 + "!", "*a*b" * 60)
LONG = "urn:pulumi:dev::p::t::" + "ab:" * 160


def rule_covers(part: str, glob: str, text: str) -> bool:
    found = {"urn": "u", "type": "t", "path": "p"} | {part: text}
    path = text if part == "path" else None
    return covers(IgnoreRule(reason="r", **{part: glob}), found["urn"], found["type"], path)


@pytest.mark.parametrize("glob", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("part", PARTS)
def test_a_glob_that_would_never_end_as_a_regular_expression_is_answered(part: str, glob: str) -> None:
    assert not rule_covers(part, glob, LONG)
    assert not rule_covers(part, glob, "a" * 500)


@given(st.text("ab*[.", min_size=1, max_size=8), st.text("ab[.\n", min_size=1, max_size=10), st.sampled_from(PARTS))
def test_what_a_glob_means_is_what_it_always_meant(glob: str, text: str, part: str) -> None:
    pattern = ".*".join(map(re.escape, glob.split("*"))) + (r"([.\[].*)?" if part == "path" else "")
    assert rule_covers(part, glob, text) is bool(re.fullmatch(pattern, text, re.DOTALL))


@given(st.text("ab*", min_size=1, max_size=8), st.text("ab", min_size=1, max_size=10), st.sampled_from(PARTS))
def test_two_stars_are_one(glob: str, text: str, part: str) -> None:
    assert rule_covers(part, glob.replace("*", "**"), text) is rule_covers(part, glob, text)
