"""The provider's cases of what stands by itself in AWS, and first what they need: a process of its own.

`python -m tests.integration.standing_program REQUEST`, as `replacing_program`; `only` names cases, which a later round
than the first makes. Must never look at what it makes: the tests do.
"""

import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi

from tests.integration.provider_cases.case import Case, Given, Ref, resolved
from tests.integration.provider_cases.collected import cases
from tests.integration.provider_harness import class_of
from tests.integration.replacing_program import PROJECT, main
from tradai_iac.core.tagging import urn_tag
from tradai_iac.tags import URN_TAG
from tradai_sandbox.provider.table import rows


def program(stack: str, round_: int, only: list[str], *, first: bool) -> None:
    """What the cases need; from the second round on also they."""
    made: dict[str, pulumi.Resource | Given] = {}
    for case in needed(only):
        if case.name in only and round_ == 1:
            continue
        arguments = resolved(case.args, made)
        if rows()[case.token].prop("tags"):
            tags = {URN_TAG: urn_tag(PROJECT, stack, case.token, case.name)}
            arguments["tags"] = {**arguments.get("tags", {}), **tags}
        made[case.name] = class_of(case.token)(case.name, **arguments)


def needed(only: Collection[str]) -> list[Case]:
    """These cases and all that they refer to, in an order in which each comes after what it refers to."""
    wanted = set(only)
    for case in reversed(cases()):
        wanted |= set(_referred(case.args)) if case.name in wanted else set()
    return [case for case in cases() if case.name in wanted]


def _referred(value: Any) -> Iterator[str]:
    if isinstance(value, Ref):
        yield value.case
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _referred(item)


if __name__ == "__main__":
    main(Path(sys.argv[1]), program)
