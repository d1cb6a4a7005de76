"""What differs between environments, cell by cell, over what the stacks render (002 §10; 001 §3).

A cell is read from the resource graph and spelled as the documents spell it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.unit.iac.flows import Estate
from tests.unit.iac.pulumi_mocks import Run, context_for, run_program
from tests.unit.iac.upstream_outputs import edge_inputs, persistent_inputs
from tests.unit.iac.whole_graph import graph, of_type
from tradai_blueprints.tradai.config.overrides import EdgeConfig, PersistentConfig, Waf
from tradai_blueprints.tradai.layers.edge.program import program as edge
from tradai_blueprints.tradai.layers.persistent.program import program as persistent

SERVICE = "aws:ecs/service:Service"
STANDING = ("backend-api", "data-collection", "mlflow", "strategy-service")
ON_DEMAND = ("strategy-container", "live-trading", "dry-run-trading")


def one(environment: str, type_: str) -> Mapping[str, Any]:
    (only,) = of_type(environment, type_)
    return only.resource.inputs


def yes(flag: bool) -> str:
    return "Yes" if flag else "No"


def tasks(environment: str) -> dict[str, Mapping[str, Any]]:
    return {placed.resource.name: placed.resource.inputs for placed in of_type(environment, SERVICE)}


def instances(environment: str) -> dict[str, str]:
    """Auto Scaling group beside the NAT's → its instance type."""
    templates = {
        f"{placed.resource.name}-id": placed.resource.inputs["instanceType"]
        for placed in of_type(environment, "aws:ec2/launchTemplate:LaunchTemplate")
    }
    groups = {p.resource.name: p.resource.inputs for p in of_type(environment, "aws:autoscaling/group:Group")}
    return {name: templates[group["launchTemplate"]["id"]] for name, group in groups.items() if name != "nat"}


def compute_mode(environment: str) -> str:
    """Who runs the standing services; that both or neither do would be a mode of its own."""
    as_tasks, on_instance = set(tasks(environment)) & set(STANDING), list(instances(environment).values())
    if as_tasks == set(STANDING) and not on_instance:
        return "ECS Fargate"
    if not as_tasks and len(on_instance) == 1:
        return f"Consolidated EC2 ({on_instance[0]})"
    return f"{len(as_tasks)} services as tasks beside {on_instance}"


def desired_count(environment: str) -> str:
    """How many of each standing service stand."""
    groups = {p.resource.name: p.resource.inputs for p in of_type(environment, "aws:autoscaling/group:Group")}
    counts = {int(tasks(environment)[name]["desiredCount"]) for name in STANDING if name in tasks(environment)}
    counts |= {int(groups[name]["desiredCapacity"]) for name in instances(environment)}
    return ", ".join(map(str, sorted(counts)))


def log_retention(environment: str) -> str:
    groups = of_type(environment, "aws:cloudwatch/logGroup:LogGroup")
    return ", ".join(sorted({f"{int(placed.resource.inputs['retentionInDays'])} days" for placed in groups}))


def deletion_protection(environment: str) -> str:
    """Of everything that bears data and knows such a protection."""
    tables = of_type(environment, "aws:dynamodb/table:Table")
    flags = {bool(placed.resource.inputs.get("deletionProtectionEnabled")) for placed in tables}
    flags.add(bool(one(environment, "aws:rds/instance:Instance")["deletionProtection"]))
    flags.add(one(environment, "aws:cognito/userPool:UserPool")["deletionProtection"] == "ACTIVE")
    return ", ".join(sorted(map(yes, flags)))


def demanded(there: bool, asked: Callable[[bool], bool]) -> str:
    """Optional is what is not there by itself and follows what people ask; `Yes` what cannot be turned off."""
    try:
        without = asked(False)
    except ValueError:
        return yes(there)
    return "Optional" if (there, without, asked(True)) == (False, False, True) else "neither"


def has(run: Run, type_: str) -> bool:
    return bool(run.of(type_))


def waf(environment: str) -> str:
    type_ = "aws:wafv2/webAcl:WebAcl"

    def asked(enabled: bool) -> bool:
        config = EdgeConfig(waf=Waf(enabled=enabled))
        return has(run_program(edge, config, context_for(environment), edge_inputs()), type_)

    return demanded(any(placed.resource.type == type_ for placed in graph(environment)), asked)


def cloud_trail(environment: str) -> str:
    type_ = "aws:cloudtrail/trail:Trail"

    def asked(enabled: bool) -> bool:
        config = PersistentConfig(cloud_trail=enabled)
        return has(run_program(persistent, config, context_for(environment), persistent_inputs()), type_)

    return demanded(any(placed.resource.type == type_ for placed in graph(environment)), asked)


def live_trading_spot(environment: str) -> str:
    service = tasks(environment)["live-trading"]
    spot = service.get("launchType") != "FARGATE" or bool(service.get("capacityProviderStrategies"))
    return yes(spot)


def rds(key: str, spelled: Callable[[Any], str]) -> Callable[[str], str]:
    return lambda environment: spelled(one(environment, "aws:rds/instance:Instance")[key])


#: Component, how it is read, and the cells of dev, staging and prod.
SECTION_10: dict[str, tuple[Callable[[str], str], tuple[str, str, str]]] = {
    "Compute Mode": (compute_mode, ("Consolidated EC2 (t3.small)", "Consolidated EC2 (t3.small)", "ECS Fargate")),
    "RDS Multi-AZ": (rds("multiAz", yes), ("No", "No", "Yes")),
    "RDS Instance": (rds("instanceClass", str), ("db.t4g.micro", "db.t4g.micro", "db.t4g.small")),
    "ECS Desired Count": (desired_count, ("1", "1", "2")),
    "Log Retention": (log_retention, ("30 days", "30 days", "90 days")),
    "Deletion Protection": (deletion_protection, ("No", "No", "Yes")),
    "WAF": (waf, ("Optional", "Yes", "Yes")),
    "CloudTrail": (cloud_trail, ("Optional", "Yes", "Yes")),
}

#: The rows of 001 §3 that 002 §10 has not; its staging column is dev's.
SECTION_3: dict[str, tuple[Callable[[str], str], tuple[str, str, str]]] = {
    "RDS storage": (rds("allocatedStorage", lambda gb: f"{int(gb)} GB"), ("20 GB", "20 GB", "50 GB")),
    "RDS backup retention": (
        rds("backupRetentionPeriod", lambda days: f"{int(days)} days"),
        ("7 days", "7 days", "14 days"),
    ),
    "Live-trading spot": (live_trading_spot, ("No", "No", "No")),
}

CELLS = [
    pytest.param(read, environment, cell, id=f"{component} {environment}")
    for component, (read, cells) in {**SECTION_10, **SECTION_3}.items()
    for environment, cell in zip(("dev", "staging", "prod"), cells, strict=True)
]


@pytest.mark.parametrize(("read", "environment", "cell"), CELLS)
def test_a_cell_is_what_the_stacks_make(read: Callable[[str], str], environment: str, cell: str) -> None:
    assert read(environment) == cell


@pytest.mark.parametrize(("read", "cells"), [*SECTION_10.values(), *SECTION_3.values()], ids=[*SECTION_10, *SECTION_3])
def test_an_ephemeral_environment_is_as_dev_is(read: Callable[[str], str], cells: tuple[str, str, str]) -> None:
    assert read("eph-pr1234") == cells[0]


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_the_instance_runs_the_four_standing_services(environment: str) -> None:
    (instance,) = [each for each in Estate(graph(environment)).instances if each.ports]
    assert instance.ports == {8000, 8002, 5000, 8003}


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_on_demand_services_are_defined_everywhere_and_none_of_them_stands(environment: str) -> None:
    assert {int(tasks(environment)[name]["desiredCount"]) for name in ON_DEMAND} == {0}


def test_prod_has_seven_services_and_the_others_three() -> None:
    assert [len(tasks(environment)) for environment in ("dev", "staging", "prod")] == [3, 3, 7]


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_the_trading_that_may_be_interrupted_runs_on_spot_and_no_other(environment: str) -> None:
    on_spot = {name for name, service in tasks(environment).items() if service.get("capacityProviderStrategies")}
    assert on_spot == {"strategy-container", "dry-run-trading"}
