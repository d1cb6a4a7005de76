"""What everything that runs may do, held against AWS's reference: each action exists, on resources that it acts on."""

import json
from collections.abc import Iterator

import pytest

from tests.unit.iac.whole_graph import ENVIRONMENTS, graph
from tradai_iac.arns import TYPES, arn
from tradai_iac.iam.faults import faults, untouched
from tradai_iac.iam.patterns import fits_arn
from tradai_iac.iam.policies import Statement, statements
from tradai_iac.iam.reference import service

#: Types that the reference says every call of an action names, and why a workload's calls do not.
OTHERWISE = {
    "express": "executions of express workflows; ours are standard ones",
    "maprun": "executions of a distributed map; no workflow of ours has one",
}

every_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def policies(environment: str) -> Iterator[tuple[Statement, ...]]:
    for placed in graph(environment):
        if placed.resource.type == "aws:iam/rolePolicy:RolePolicy":
            yield statements(json.loads(placed.resource.inputs["policy"]), of=str(placed))


@every_environment
def test_every_right_of_a_workload_is_one_that_aws_knows_on_a_resource_that_it_acts_on(environment: str) -> None:
    assert [str(fault) for policy in policies(environment) for fault in faults(policy)] == []


@every_environment
def test_whatever_an_action_always_names_is_among_the_resources_of_a_workload(environment: str) -> None:
    assert [
        f"{action} on {type_.name} ({policy[0].of})"
        for policy in policies(environment)
        for action, type_ in untouched(policy)
        if type_.name not in OTHERWISE
    ] == []


@pytest.mark.parametrize("type_", sorted(TYPES))
def test_the_arn_of_a_type_is_one_that_aws_has(type_: str) -> None:
    """What the rendered graphs are judged by is spelled as AWS spells it."""
    inputs = {"name": "n", "bucket": "n", "apiId": "n", "cluster": "n", "domain": "n", "repository": "n", "family": "n"}
    spelled = arn(type_, inputs, "n", "n-id", "123456789012", "eu-central-1")
    known = service(spelled.split(":")[2]).types.values()
    assert [found.name for found in known if any(fits_arn(pattern, spelled) for pattern in found.patterns)]
