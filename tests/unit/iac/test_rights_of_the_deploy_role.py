"""What the deploying role may do, held against what AWS publishes: what each type's handlers need, what IAM knows."""

from collections.abc import Iterator

import pytest

from tests.facts import handlers
from tests.facts.recorded import recordings
from tests.unit.iac.handlers_rights import UNWANTED
from tests.unit.iac.whole_graph import ENVIRONMENTS, VARIANTS, graph
from tools.recording import judged
from tools.recording.judged import rights, unknown
from tradai_iac.accounts import Account, bootstrap_policy
from tradai_iac.iam.faults import faults, untouched
from tradai_iac.iam.patterns import fits
from tradai_iac.iam.policies import Statement, statements

ACCOUNT = "123456789012"
REGION = "eu-central-1"

#: Types that the reference says every call of an action names, and why ours names them never.
ANOTHER_BALANCER = {"listener/net", "listener/gwy", "listener-rule/net"}

#: Types that a layer registers only where people configure a host name or addresses.
CONFIGURED = {
    "aws:apigatewayv2/apiMapping:ApiMapping",
    "aws:apigatewayv2/domainName:DomainName",
}

every_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def policy(environment: str = "dev") -> tuple[Statement, ...]:
    account = Account(account_id=ACCOUNT, region=REGION, environment=environment)
    return statements(bootstrap_policy(account), of="the deploy role")


def lacking(type_: str) -> Iterator[str]:
    granted = [action.lower() for statement in policy() if statement.allows for action in statement.actions]
    for right in handlers()[type_].all_rights:
        if not any(fits(pattern, right.lower()) for pattern in granted):
            yield right


@pytest.mark.parametrize("type_", handlers())
def test_the_role_has_every_right_that_the_handlers_need_of(type_: str) -> None:
    assert sorted(set(lacking(type_)) - UNWANTED.keys()) == []


def test_the_role_has_every_right_that_the_official_plug_in_was_heard_to_need() -> None:
    """Of all recordings in the tree; one whose calls nobody can name would say too little."""
    for recording in recordings():
        assert unknown(recording) == []
        assert judged.lacking(recording, policy(), without=UNWANTED) == []


def test_every_right_that_it_goes_without_is_one_that_somebody_asks_for_and_the_role_lacks() -> None:
    of_handlers = {right for type_ in handlers() for right in lacking(type_)}
    assert of_handlers.union(*map(rights, recordings())) >= UNWANTED.keys()


def test_the_facts_are_of_just_the_types_that_the_programs_register() -> None:
    graphs = [graph("dev"), graph("prod"), *(graph("prod", variant) for variant in VARIANTS)]
    registered = {placed.resource.type for found in graphs for placed in found}
    assert registered | CONFIGURED == handlers().keys()
    assert not registered & CONFIGURED


@every_environment
def test_every_right_is_one_that_aws_knows_on_a_resource_that_it_acts_on(environment: str) -> None:
    """An action that AWS's own handlers ask for is one, whatever its reference says."""
    asked = {right.lower() for found in handlers().values() for right in found.all_rights}
    assert [str(fault) for fault in faults(policy(environment)) if fault.action.lower() not in asked] == []


@every_environment
def test_whatever_an_action_always_names_is_among_its_resources(environment: str) -> None:
    assert [
        f"{action} on {type_.name}"
        for action, type_ in untouched(policy(environment))
        if type_.name not in ANOTHER_BALANCER
    ] == []
