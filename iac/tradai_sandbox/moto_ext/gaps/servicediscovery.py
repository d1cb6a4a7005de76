"""Cloud Map: namespaces with the hosted zone of their own name, services that know theirs, and what is still in use.

Must never register or deregister an instance on its own.
"""

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.route53.models import route53_backends
from moto.servicediscovery import models
from moto.utilities.utils import get_partition

from tradai_sandbox.moto_ext.gaps.patching import add, wrap


def repair() -> None:
    """Make namespaces and services complete, and refuse to delete what is in use."""
    backend = models.ServiceDiscoveryBackend
    add(backend, create_private_dns_namespace)
    wrap(backend, delete_namespace=_without_services, create_service=_placed, delete_service=_without_instances)
    wrap(backend, register_instance=_in_its_own_place)


def _zones(backend: Any) -> Any:
    return route53_backends[backend.account_id][get_partition(backend.region_name)]


def create_private_dns_namespace(
    self: Any, name: str, creator_request_id: str, description: str, vpc: str, tags: Any, properties: Any
) -> str:
    """CreatePrivateDnsNamespace: two of one name cannot be in one VPC; the zone has the namespace's name."""
    if any(n.name == name and n.vpc == vpc for n in self.namespaces.values()):
        raise JsonRESTError("NamespaceAlreadyExists", f"Namespace {name} already exists in {vpc}")
    zone = _zones(self).create_hosted_zone(
        name, private_zone=True, vpcid=vpc, vpcregion=self.region_name, comment="Created by AWS Cloud Map"
    )
    asked = (properties or {}).get("DnsProperties", {})
    namespace = models.Namespace(
        account_id=self.account_id,
        region=self.region_name,
        name=name,
        ns_type="DNS_PRIVATE",
        creator_request_id=creator_request_id,
        description=description,
        dns_properties={**asked, "HostedZoneId": zone.id.rpartition("/")[2]},
        http_properties={"HttpName": name},
        vpc=vpc,
    )
    self.namespaces[namespace.id] = namespace
    if tags:
        self.tagger.tag_resource(namespace.arn, tags)
    operation: str = self._create_operation("CREATE_NAMESPACE", targets={"NAMESPACE": namespace.id})
    return operation


def _without_services(original: Any) -> Any:
    def delete_namespace(self: Any, namespace_id: str) -> Any:
        namespace = self.get_namespace(namespace_id)
        if any(service.namespace_id == namespace_id for service in self.services.values()):
            raise JsonRESTError("ResourceInUse", f"Namespace {namespace_id} has associated services")
        operation = original(self, namespace_id)
        if zone := namespace.dns_properties.get("HostedZoneId"):
            _zones(self).delete_hosted_zone(zone)
        return operation

    return delete_namespace


def _placed(original: Any) -> Any:
    def create_service(self: Any, name: str, namespace_id: str | None, *args: Any, **kwargs: Any) -> Any:
        dns = kwargs.get("dns_config")
        where = namespace_id or (dns or {}).get("NamespaceId") or ""
        namespace = self.get_namespace(where)
        if any(s.name == name and s.namespace_id == where for s in self.services.values()):
            raise JsonRESTError("ServiceAlreadyExists", f"Service {name} already exists in {where}")
        if dns:
            kwargs["dns_config"] = {"RoutingPolicy": "MULTIVALUE", **dns, "NamespaceId": where}
        if kwargs.get("health_check_custom_config") is not None:
            kwargs["health_check_custom_config"] = {"FailureThreshold": 1}
        kind = "HTTP" if namespace.type == "HTTP" else "DNS_HTTP"
        kwargs["service_type"] = kwargs.get("service_type") or kind
        return original(self, name, where, *args, **kwargs)

    return create_service


def _in_its_own_place(original: Any) -> Any:
    """RegisterInstance under an id that is taken gives that instance its new attributes."""

    def register_instance(self: Any, service_id: str, instance_id: str, *args: Any, **kwargs: Any) -> Any:
        service = self.get_service(service_id)
        service.instances = [i for i in service.instances if i.instance_id != instance_id]
        return original(self, service_id, instance_id, *args, **kwargs)

    return register_instance


def _without_instances(original: Any) -> Any:
    def delete_service(self: Any, service_id: str) -> None:
        if self.get_service(service_id).instances:
            raise JsonRESTError("ResourceInUse", f"Service {service_id} has registered instances")
        original(self, service_id)

    return delete_service
