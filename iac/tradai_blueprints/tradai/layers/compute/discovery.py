"""The private DNS namespace and the services' names in it (002 §2.3), and the addresses that follow from both.

The six names exist everywhere: tasks are registered by ECS, the consolidated instance registers itself. Must never
be passed by: `addresses` alone spells where a service answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.services import Service
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming
from tradai_iac.tags import SERVICE_TAG

#: How long a caller may keep an address that a task may have left, in seconds.
_TTL_SECONDS: Final = 10
#: The only count that AWS takes: whoever registered an instance says how it is.
_FAILURE_THRESHOLD: Final = 1


@dataclass(frozen=True, kw_only=True)
class DiscoveryArgs:
    """The services, of which those that 002 §2.3 lists get a name, and the VPC in which names resolve."""

    naming: Naming
    services: Sequence[Service]
    vpc_id: pulumi.Input[str]


class Discovery(Component):
    """`namespace`, and `services` by name."""

    def __init__(self, name: str, args: DiscoveryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:Discovery", name, opts)
        self.namespace = aws.servicediscovery.PrivateDnsNamespace(
            "namespace",
            name=args.naming.dns_namespace,
            description="Names of the services",
            vpc=args.vpc_id,
            opts=self.child(),
        )
        self.services: Mapping[str, aws.servicediscovery.Service] = {
            service.name: self._service(service) for service in args.services if service.discoverable
        }
        self.register_outputs({"namespace_id": self.namespace.id})

    @property
    def registry_arns(self) -> Mapping[str, pulumi.Output[str]]:
        """Service → ARN of its entry, with which ECS registers tasks."""
        return {name: service.arn for name, service in self.services.items()}

    @property
    def service_ids(self) -> Mapping[str, pulumi.Output[str]]:
        """Service → id of its entry, with which an instance registers itself."""
        return {name: service.id for name, service in self.services.items()}

    def _service(self, service: Service) -> aws.servicediscovery.Service:
        """`force_destroy`: an instance that registered itself may be gone without having said so."""
        return aws.servicediscovery.Service(
            service.name,
            name=service.name,
            dns_config=aws.servicediscovery.ServiceDnsConfigArgs(
                namespace_id=self.namespace.id,
                routing_policy="MULTIVALUE",
                dns_records=[aws.servicediscovery.ServiceDnsConfigDnsRecordArgs(type="A", ttl=_TTL_SECONDS)],
            ),
            # as a dict, because the class warns at each run that the one value it takes cannot be chosen
            health_check_custom_config={"failure_threshold": _FAILURE_THRESHOLD},
            force_destroy=True,
            tags={SERVICE_TAG: service.name},
            opts=self.child(),
        )


def addresses(naming: Naming, services: Sequence[Service]) -> dict[str, str]:
    """Service → its base address, `http://mlflow.tradai-dev.local:5000`, of those that have a name and a port."""
    return {
        service.name: f"http://{service.name}.{naming.dns_namespace}:{service.port}"
        for service in services
        if service.address_known
    }
