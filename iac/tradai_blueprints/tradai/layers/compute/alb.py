"""The internal load balancer (001 §7) in the public subnets (002 §1.2), and where it sends requests.

Must never answer for a service: what no rule takes gets a 404.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.services import Service
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming
from tradai_iac.tags import SERVICE_TAG

_HTTP: Final = 80
_HTTPS: Final = 443
_SSL_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-2021-06"
_DEREGISTRATION_SECONDS: Final = 30
#: Room between the priorities of listener rules, so that one can be put in between by hand.
_PRIORITY_STEP: Final = 10


@dataclass(frozen=True, kw_only=True)
class AlbArgs:
    """Where the load balancer stands, what is behind it and where its access logs go.

    `on_instance` are the services that the consolidated instance runs.
    """

    naming: Naming
    services: Sequence[Service]
    on_instance: Collection[str]
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group_id: pulumi.Input[str]
    logs_bucket: pulumi.Input[str]
    logs_prefix: str
    certificate_arn: str | None


class Alb(Component):
    """`load_balancer`, its listeners (HTTPS is None without certificate), `target_groups` and `rules` by service."""

    def __init__(self, name: str, args: AlbArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:Alb", name, opts)
        self.load_balancer = self._load_balancer(args)
        self.http_listener = self._http_listener(args.certificate_arn)
        self.https_listener = self._https_listener(args.certificate_arn)
        served = [service for service in args.services if service.behind_load_balancer]
        self.target_groups = {service.name: self._target_group(service, args) for service in served}
        self.rules = self._rules(served)
        self.register_outputs({"arn": self.load_balancer.arn, "dns_name": self.load_balancer.dns_name})

    @property
    def target_group_arns(self) -> Mapping[str, pulumi.Output[str]]:
        """Service → ARN of its target group."""
        return {service: group.arn for service, group in self.target_groups.items()}

    @property
    def https_listener_arn(self) -> pulumi.Output[str] | None:
        """ARN of the HTTPS listener, None without certificate."""
        return self.https_listener.arn if self.https_listener else None

    def _load_balancer(self, args: AlbArgs) -> aws.lb.LoadBalancer:
        """Without deletion protection: it bears no data, and a soft teardown takes it everywhere."""
        return aws.lb.LoadBalancer(
            "alb",
            name=args.naming.name("alb", kind="load-balancer"),
            internal=True,
            load_balancer_type="application",
            security_groups=[args.security_group_id],
            subnets=args.subnet_ids,
            drop_invalid_header_fields=True,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(
                bucket=args.logs_bucket, prefix=args.logs_prefix, enabled=True
            ),
            opts=self.child(),
        )

    def _http_listener(self, certificate_arn: str | None) -> aws.lb.Listener:
        """Sends everyone to HTTPS where there is a certificate (002 §4.1 "HTTP redirect")."""
        return aws.lb.Listener(
            "http",
            load_balancer_arn=self.load_balancer.arn,
            port=_HTTP,
            protocol="HTTP",
            default_actions=[_redirect() if certificate_arn else _not_found()],
            opts=self.child(),
        )

    def _https_listener(self, certificate_arn: str | None) -> aws.lb.Listener | None:
        if certificate_arn is None:
            return None
        return aws.lb.Listener(
            "https",
            load_balancer_arn=self.load_balancer.arn,
            port=_HTTPS,
            protocol="HTTPS",
            ssl_policy=_SSL_POLICY,
            certificate_arn=certificate_arn,
            default_actions=[_not_found()],
            opts=self.child(),
        )

    def _target_group(self, service: Service, args: AlbArgs) -> aws.lb.TargetGroup:
        """A target is a task's own address, or the consolidated instance: an Auto Scaling group knows no addresses."""
        return aws.lb.TargetGroup(
            service.name,
            name=args.naming.name(service.name, kind="target-group"),
            port=service.port,
            protocol="HTTP",
            target_type="instance" if service.name in args.on_instance else "ip",
            vpc_id=args.vpc_id,
            deregistration_delay=_DEREGISTRATION_SECONDS,
            health_check=_health_check(service),
            tags={SERVICE_TAG: service.name},
            opts=self.child(),
        )

    def _rules(self, services: Sequence[Service]) -> Mapping[str, aws.lb.ListenerRule]:
        numbered = enumerate(services, start=1)
        return {service.name: self._rule(service, position * _PRIORITY_STEP) for position, service in numbered}

    def _rule(self, service: Service, priority: int) -> aws.lb.ListenerRule:
        listener = self.https_listener or self.http_listener
        return aws.lb.ListenerRule(
            service.name,
            listener_arn=listener.arn,
            priority=priority,
            actions=[
                aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=self.target_groups[service.name].arn)
            ],
            conditions=[_paths(service)],
            tags={SERVICE_TAG: service.name},
            opts=self.child(),
        )


def _health_check(service: Service) -> aws.lb.TargetGroupHealthCheckArgs:
    """The path of 002 §2.1; seconds and counts are AWS's usual ones, in no document."""
    return aws.lb.TargetGroupHealthCheckArgs(
        path=service.health_check_path,
        protocol="HTTP",
        matcher="200",
        interval=30,
        timeout=5,
        healthy_threshold=2,
        unhealthy_threshold=3,
    )


def _paths(service: Service) -> aws.lb.ListenerRuleConditionArgs:
    return aws.lb.ListenerRuleConditionArgs(
        path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=list(service.path_patterns))
    )


def _not_found() -> aws.lb.ListenerDefaultActionArgs:
    return aws.lb.ListenerDefaultActionArgs(
        type="fixed-response",
        fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
            content_type="text/plain", message_body="Not found", status_code="404"
        ),
    )


def _redirect() -> aws.lb.ListenerDefaultActionArgs:
    return aws.lb.ListenerDefaultActionArgs(
        type="redirect",
        redirect=aws.lb.ListenerDefaultActionRedirectArgs(port=str(_HTTPS), protocol="HTTPS", status_code="HTTP_301"),
    )
