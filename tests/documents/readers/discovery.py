"""Names in Service Discovery (002 §2.3); reads only."""

from __future__ import annotations

from typing import Any

from tests.documents.live import Facts, Live, one, tags_of
from tests.documents.readers.network import vpc_id


def dns_name(live: Live, name: str) -> Facts:
    """Namespace, kind and record of the name `backend-api.tradai-dev.local`, and in which VPC it resolves."""
    service, _, space = name.partition(".")
    namespace = _namespace(live, space)
    entries = live.pages("servicediscovery", "list_services", "Services")
    mine = [item for item in entries if item["Name"] == service and _space(item) == namespace["Id"]]
    found = one(mine, f"names {name}")
    return {
        "namespace": namespace["Name"],
        "kind": namespace["Type"],
        "records": sorted(record["Type"] for record in found["DnsConfig"]["DnsRecords"]),
        "resolves in": _resolves_in(live, namespace),
    }


def _space(entry: dict[str, Any]) -> str:
    return str(entry.get("DnsConfig", {}).get("NamespaceId"))


def _namespace(live: Live, name: str) -> dict[str, Any]:
    spaces = live.pages("servicediscovery", "list_namespaces", "Namespaces")
    found: dict[str, Any] = one([item for item in spaces if item["Name"] == name], f"namespaces {name}")
    return found


def _resolves_in(live: Live, namespace: dict[str, Any]) -> str:
    """The name of the VPC that the namespace's hosted zone belongs to."""
    zone = namespace["Properties"]["DnsProperties"]["HostedZoneId"]
    vpcs = live.clients("route53").get_hosted_zone(Id=zone).get("VPCs", [])
    ours = f"tradai-vpc-{live.env}"
    return ours if [item["VPCId"] for item in vpcs] == [vpc_id(live, ours)] else "elsewhere"


def namespace(live: Live, name: str) -> Facts:
    """Kind, number of names and tags of a namespace."""
    found = _namespace(live, name)
    entries = live.pages("servicediscovery", "list_services", "Services")
    tags = live.clients("servicediscovery").list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]
    return {
        "kind": found["Type"],
        "names": sorted(item["Name"] for item in entries if _space(item) == found["Id"]),
        "tags": tags_of(tags),
    }
