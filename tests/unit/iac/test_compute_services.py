"""The ECS services, their names in DNS and their scaling, against 002 §2 and §10."""

from typing import Any

import pytest

from tests.unit.iac.compute_runs import ENVIRONMENTS, SERVICE, configured, deployed, recorded
from tests.unit.iac.pulumi_mocks import Run
from tradai_blueprints.tradai.config import settings_for
from tradai_blueprints.tradai.layers.compute.discovery import addresses
from tradai_iac.naming import Naming

STANDING = ["backend-api", "data-collection", "mlflow", "strategy-service"]
ON_DEMAND = ["strategy-container", "live-trading", "dry-run-trading"]

ADDRESSES = {
    "backend-api": "http://backend-api.tradai-dev.local:8000",
    "data-collection": "http://data-collection.tradai-dev.local:8002",
    "mlflow": "http://mlflow.tradai-dev.local:5000",
    "strategy-service": "http://strategy-service.tradai-dev.local:8003",
    "live-trading": "http://live-trading.tradai-dev.local:8004",
    "dry-run-trading": "http://dry-run-trading.tradai-dev.local:8005",
}


def services(environment: str) -> dict[str, Any]:
    return deployed(environment).of(SERVICE)


def counts(made: Run) -> dict[str, int]:
    return {name: int(service["desiredCount"]) for name, service in made.of(SERVICE).items()}


def test_production_runs_seven_services_of_which_four_stand_twice() -> None:
    assert counts(deployed("prod")) == {**dict.fromkeys(STANDING, 2), **dict.fromkeys(ON_DEMAND, 0)}


@pytest.mark.parametrize("environment", ["dev", "staging", "eph-pr1234"])
def test_where_an_instance_runs_the_standing_services_only_those_on_demand_are_tasks(environment: str) -> None:
    assert counts(deployed(environment)) == dict.fromkeys(ON_DEMAND, 0)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_live_trading_is_never_on_spot_and_what_may_be_is_everywhere(environment: str) -> None:
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    for name, service in services(environment).items():
        on_spot = name in ("strategy-container", "dry-run-trading")
        assert service.get("launchType") == (None if on_spot else "FARGATE")
        assert service.get("capacityProviderStrategies") == (spot if on_spot else None)
        assert service.get("forceNewDeployment", False) is on_spot  # AWS takes another strategy in no other way


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_tasks_run_in_the_private_subnets_without_a_public_address(environment: str) -> None:
    for service in services(environment).values():
        assert service["networkConfiguration"] == {
            "subnets": ["subnet-private-1", "subnet-private-2"],
            "securityGroups": ["sg-ecs"],
            "assignPublicIp": False,
        }
        assert service["enableExecuteCommand"] is False


@pytest.mark.parametrize("name", STANDING)
def test_a_standing_service_takes_requests_from_its_target_group_once_a_rule_leads_there(name: str) -> None:
    made = deployed("prod")
    port = settings_for("prod").service(name).port
    (balanced,) = made.of(SERVICE)[name]["loadBalancers"]
    assert balanced == {
        "targetGroupArn": made.outputs["target_group_arns"][name],
        "containerName": name,
        "containerPort": port,
    }
    assert made.of(SERVICE)[name]["healthCheckGracePeriodSeconds"] > 60
    before = {urn.split("$")[-1] for urn in recorded(made, SERVICE, name).after}
    assert {f"aws:lb/listenerRule:ListenerRule::{name}", f"aws:iam/rolePolicy:RolePolicy::{name}-task"} <= before
    assert "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders::capacity" in before


def test_without_load_balancer_services_stand_all_the_same() -> None:
    made = configured("prod", {"skipAlb": True})
    assert counts(made) == counts(deployed("prod"))
    assert not [service for service in made.of(SERVICE).values() if service.get("loadBalancers")]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_failed_deployment_is_taken_back(environment: str) -> None:
    for service in services(environment).values():
        assert service["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
        assert service["waitForSteadyState"] is True


def test_a_strategy_never_trades_twice_while_it_is_deployed() -> None:
    most = {name: service["deploymentMaximumPercent"] for name, service in services("prod").items()}
    assert most == {**dict.fromkeys(STANDING, 200), **dict.fromkeys(ON_DEMAND, 100)}
    # AWS refuses to rebalance zones where it may not start a task before it stops one
    zones = {name: service["availabilityZoneRebalancing"] for name, service in services("prod").items()}
    assert zones == {**dict.fromkeys(STANDING, "ENABLED"), **dict.fromkeys(ON_DEMAND, "DISABLED")}


def test_a_configured_number_wins() -> None:
    made = configured("prod", {"services": {"backend-api": {"desiredCount": 3}, "live-trading": {"desiredCount": 1}}})
    assert (counts(made)["backend-api"], counts(made)["live-trading"]) == (3, 1)


def test_a_number_for_what_the_instance_runs_is_refused() -> None:
    with pytest.raises(ValueError, match=r"services\.mlflow\.desiredCount .* consolidated instance"):
        configured("dev", {"services": {"mlflow": {"desiredCount": 2}}})


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_six_services_have_a_name_in_the_private_namespace(environment: str) -> None:
    made = deployed(environment)
    namespace = made.one("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace")
    assert (namespace["name"], namespace["vpc"]) == (f"tradai-{environment}.local", "vpc-1")
    named = made.of("aws:servicediscovery/service:Service")
    assert list(named) == list(ADDRESSES)
    for name, entry in named.items():
        assert entry["name"] == name
        assert entry["dnsConfig"]["dnsRecords"] == [{"type": "A", "ttl": 10}]
        assert entry["dnsConfig"]["routingPolicy"] == "MULTIVALUE"
        assert entry["healthCheckCustomConfig"] == {"failureThreshold": 1}


def test_tasks_are_registered_under_the_name_of_their_service() -> None:
    made = deployed("prod")
    registered = {name: service.get("serviceRegistries") for name, service in made.of(SERVICE).items()}
    assert registered.pop("strategy-container") is None
    assert set(registered) == set(ADDRESSES)
    assert all(
        registry and registry["registryArn"].endswith(f"service/{name}-id") for name, registry in registered.items()
    )


def test_addresses_are_those_of_section_2_3() -> None:
    assert addresses(Naming("tradai", "dev"), settings_for("dev").services) == ADDRESSES


TARGET, POLICY = "aws:appautoscaling/target:Target", "aws:appautoscaling/policy:Policy"


def test_production_scales_its_standing_services_up_to_twice_their_number() -> None:
    targets = deployed("prod").of(TARGET)
    assert {name: (t["minCapacity"], t["maxCapacity"]) for name, t in targets.items()} == dict.fromkeys(
        STANDING, (2, 4)
    )
    assert targets["mlflow"]["resourceId"] == "service/tradai-cluster-prod/tradai-mlflow-prod"


@pytest.mark.parametrize(
    ("what", "metric", "percent"),
    [("cpu", "ECSServiceAverageCPUUtilization", 70), ("memory", "ECSServiceAverageMemoryUtilization", 80)],
)
def test_scaling_follows_cpu_and_memory(what: str, metric: str, percent: int) -> None:
    policies = deployed("prod").of(POLICY)
    assert len(policies) == 2 * len(STANDING)
    for name in STANDING:
        tracked = policies[f"{name}-{what}"]["targetTrackingScalingPolicyConfiguration"]
        assert tracked["predefinedMetricSpecification"] == {"predefinedMetricType": metric}
        assert tracked["targetValue"] == percent


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_nothing_scales_where_an_instance_runs_the_services(environment: str) -> None:
    assert deployed(environment).of(TARGET) == {}


def test_scaling_starts_from_the_configured_number_and_leaves_alone_what_was_turned_off() -> None:
    made = configured("prod", {"services": {"backend-api": {"desiredCount": 3}, "mlflow": {"desiredCount": 0}}})
    targets = made.of(TARGET)
    assert (targets["backend-api"]["minCapacity"], targets["backend-api"]["maxCapacity"]) == (3, 6)
    assert "mlflow" not in targets


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_the_number_that_scaling_keeps_is_nobody_elses(environment: str) -> None:
    made = deployed(environment)
    ignored = {name for name in made.of(SERVICE) if recorded(made, SERVICE, name).ignored == ("desiredCount",)}
    assert ignored == set(made.of(TARGET))
    assert all(recorded(made, SERVICE, name).ignored == () for name in set(made.of(SERVICE)) - ignored)
