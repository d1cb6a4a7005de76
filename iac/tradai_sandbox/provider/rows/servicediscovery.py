"""Private DNS namespaces and the services in them (Cloud Map).

Must never answer before an operation of Cloud Map has succeeded, and must never deregister instances unless the program
says `forceDestroy`.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, forgiving, on, retag
from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.props import Prop, Props, local, out, tags
from tradai_sandbox.provider.row import Row, Work

#: Seconds between two questions about an operation, and how often it is asked.
_PAUSE_S: Final = 0.5
_QUESTIONS: Final = 1200
_TAGS: Final = retag("TagResource", "UntagResource", {"ResourceARN": "{arn}"})
_READ_TAGS: Final = Read("ListTagsForResource", {"ResourceARN": "{arn}"}, only=frozenset({"tags"}))


def _settled(work: Work, operation: str) -> Props:
    """The operation once it has succeeded; raises ProviderError with Cloud Map's words where it fails."""
    for _ in range(_QUESTIONS):
        found: Props = work.call("GetOperation", OperationId=operation)["Operation"]
        if found["Status"] == "SUCCESS":
            return found
        if found["Status"] == "FAIL":
            said = f"{found.get('ErrorCode', 'unknown')}: {found.get('ErrorMessage', 'no message')}"
            raise ProviderError(f"{found.get('Type', 'operation')} of Cloud Map failed, {said}")
        work.cloud.pause(_PAUSE_S)
    raise ProviderError(f"operation {operation} of Cloud Map does not come to an end")


def _request() -> dict[str, str]:
    """An id that makes a repeated request of botocore's the same one to Cloud Map."""
    return {"CreatorRequestId": uuid.uuid4().hex}


def _create_namespace(work: Work) -> str:
    params = work.params("CreatePrivateDnsNamespace")
    operation = work.call("CreatePrivateDnsNamespace", **params, **_request())["OperationId"]
    return str(_settled(work, operation)["Targets"]["NAMESPACE"])


def _update_namespace(work: Work) -> None:
    told = {"Description": work.inputs.get("description", "")}
    _settled(work, work.call("UpdatePrivateDnsNamespace", Id=work.id, Namespace=told)["OperationId"])


def _delete_namespace(work: Work) -> None:
    if operation := forgiving(work, "DeleteNamespace", Id=work.id).get("OperationId"):
        _settled(work, operation)


_NAMESPACE_READ: Final = Read("GetNamespace", {"Id": "{id}"}, "Namespace")


def _read_namespace(work: Work) -> Props | None:
    """No answer of Cloud Map names the VPC, which nobody can change: it is as created, or as an import's id says."""
    found = _NAMESPACE_READ(work)
    return found and {**found, "vpc": work.values.get("vpc")}


PRIVATE_DNS_NAMESPACE: Final = Row(
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
    "servicediscovery",
    (
        Prop("name", replace=True),
        Prop("vpc", required=True, replace=True),
        Prop("description"),
        *tags(),
        out("arn"),
        out("hostedZone", api="Properties.DnsProperties.HostedZoneId"),
    ),
    create=_create_namespace,
    steps=(on({"description"}, _update_namespace, after_create=False), _TAGS),
    read=(_read_namespace, _READ_TAGS),
    delete=_delete_namespace,
    import_id="{id}:{vpc}",
    name="name",
)


def _only_times_to_live(state: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """A service's records may get another TTL; of which type they are, and where, is for good."""
    had, asked = state.get("dnsConfig") or {}, inputs.get("dnsConfig") or {}
    policy = asked.get("routingPolicy") in (None, had.get("routingPolicy"))
    return _types(had) == _types(asked) and had.get("namespaceId") == asked.get("namespaceId") and policy


def _types(config: Mapping[str, Any]) -> list[str]:
    return sorted(str(record["type"]) for record in config.get("dnsRecords") or [])


def _update_service(work: Work) -> None:
    """UpdateService deletes whatever a request leaves out."""
    told = work.params("CreateService", frozenset({"dnsConfig"})).get("DnsConfig")
    records = {"DnsConfig": {"DnsRecords": told["DnsRecords"]}} if told else {}
    service = {"Description": work.inputs.get("description", ""), **records}
    _settled(work, work.call("UpdateService", Id=work.id, Service=service)["OperationId"])


def _delete_service(work: Work) -> None:
    if work.inputs.get("forceDestroy"):
        _deregister_all(work)
    _DELETE_SERVICE(work)


def _deregister_all(work: Work) -> None:
    pages = list(work.cloud.pages("servicediscovery", "ListInstances", work.region, ServiceId=work.id))
    for instance in (found for page in pages for found in page["Instances"]):
        if answer := forgiving(work, "DeregisterInstance", ServiceId=work.id, InstanceId=instance["Id"]):
            _settled(work, answer["OperationId"])


_RECORD: Final = (Prop("type"), Prop("ttl", int))
_DNS: Final = (Prop("namespaceId"), Prop("routingPolicy"), Prop("dnsRecords", list, fields=_RECORD))
_DELETE_SERVICE: Final = Delete("DeleteService", {"Id": "{id}"})

SERVICE: Final = Row(
    "aws:servicediscovery/service:Service",
    "servicediscovery",
    (
        Prop("name", replace=True),
        Prop("namespaceId", replace=True, computed=True),
        Prop("type", replace=True, computed=True),
        Prop("description"),
        Prop("dnsConfig", dict, fields=_DNS, replace=True, in_place=_only_times_to_live),
        Prop("healthCheckCustomConfig", dict, replace=True),
        local("forceDestroy", default=False),
        *tags(),
        out("arn"),
    ),
    create=Create("CreateService", "Service.Id", build=lambda _: _request()),
    steps=(on({"description", "dnsConfig"}, _update_service, after_create=False), _TAGS),
    read=(Read("GetService", {"Id": "{id}"}, "Service"), _READ_TAGS),
    delete=_delete_service,
    name="name",
)

ROWS: Final = (PRIVATE_DNS_NAMESPACE, SERVICE)
