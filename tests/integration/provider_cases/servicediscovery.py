"""Private DNS namespaces and services of Cloud Map; needs `ec2_network`."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _tags(aws: Aws, state: Props) -> dict[str, str]:
    found = aws("servicediscovery").list_tags_for_resource(ResourceARN=state["arn"])["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def _namespace(aws: Aws, state: Props) -> Any:
    found = aws("servicediscovery").get_namespace(Id=state["id"])["Namespace"]
    zone = aws("route53").get_hosted_zone(Id=found["Properties"]["DnsProperties"]["HostedZoneId"])
    return {
        "says": found.get("Description"),
        "zone": [zone["HostedZone"]["Name"].rstrip("."), zone["HostedZone"]["Id"].endswith(state["hostedZone"])],
        "in its vpc": [vpc["VPCId"] == state["vpc"] for vpc in zone["VPCs"]],
        "tags": _tags(aws, state),
    }


def _service(aws: Aws, state: Props) -> Any:
    found = aws("servicediscovery").get_service(Id=state["id"])["Service"]
    return {
        "says": found.get("Description"),
        "records": [[record["Type"], record["TTL"]] for record in found["DnsConfig"]["DnsRecords"]],
        "routing": found["DnsConfig"]["RoutingPolicy"],
        "health": found["HealthCheckCustomConfig"],
        "tags": _tags(aws, state),
    }


def _dns(record: str, ttl: int) -> Props:
    return {
        "namespace_id": Ref("sd.namespace"),
        "routing_policy": "MULTIVALUE",
        "dns_records": [{"type": record, "ttl": ttl}],
    }


def _occupy(aws: Aws, state: Props) -> None:
    """Another description, and an instance that stands in the way of a deletion."""
    records = [{"Type": r["type"], "TTL": r["ttl"]} for r in state["dnsConfig"]["dnsRecords"]]
    told = {"Description": "theirs", "DnsConfig": {"DnsRecords": records}}
    aws("servicediscovery").update_service(Id=state["id"], Service=told)
    where = {"AWS_INSTANCE_IPV4": "10.9.1.9"}
    aws("servicediscovery").register_instance(ServiceId=state["id"], InstanceId="task", Attributes=where)


_ZONE: Final = {"zone": ["case.local", True], "in its vpc": [True]}
_HEALTH: Final = {"routing": "MULTIVALUE", "health": {"FailureThreshold": 1}}

CASES: Final = (
    Case(
        "sd.namespace",
        "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        {"name": "case.local", "vpc": Ref("ec2.vpc"), "description": "one", "tags": {"a": "1"}},
        _namespace,
        {**_ZONE, "says": "one", "tags": {"a": "1"}},
        update={"description": "two", "tags": {"b": "2"}},
        updated={**_ZONE, "says": "two", "tags": {"b": "2"}},
        meddle=lambda aws, state: aws("servicediscovery").update_private_dns_namespace(
            Id=state["id"], Namespace={"Description": "theirs"}
        ),
        drifted=frozenset({"description"}),
        replace={"name": "other.local"},
        import_id=lambda state: f"{state['id']}:{state['vpc']}",
    ),
    Case(
        "sd.service",
        "aws:servicediscovery/service:Service",
        {
            "name": "backend",
            "description": "one",
            "dns_config": _dns("A", 10),
            "health_check_custom_config": {"failure_threshold": 1},
            "force_destroy": True,
            "tags": {"a": "1"},
        },
        _service,
        {**_HEALTH, "says": "one", "records": [["A", 10]], "tags": {"a": "1"}},
        update={"description": "two", "dns_config": _dns("A", 60), "tags": {"b": "2"}},
        updated={**_HEALTH, "says": "two", "records": [["A", 60]], "tags": {"b": "2"}},
        meddle=_occupy,
        drifted=frozenset({"description"}),
        not_imported=frozenset({"forceDestroy"}),
    ),
    Case(
        "sd.spare-service",
        "aws:servicediscovery/service:Service",
        {
            "name": "spare",
            "dns_config": _dns("A", 10),
            "health_check_custom_config": {"failure_threshold": 1},
        },
        lambda aws, state: _service(aws, state)["records"],
        [["A", 10]],
        replace={"dns_config": _dns("SRV", 10)},
    ),
    Case(
        "sd.port-service",
        "aws:servicediscovery/service:Service",
        {
            "name": "with-port",
            "dns_config": _dns("SRV", 10),
            "health_check_custom_config": {"failure_threshold": 1},
        },
        lambda aws, state: _service(aws, state)["records"],
        [["SRV", 10]],
    ),
)
