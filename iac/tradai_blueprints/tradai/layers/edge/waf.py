"""The web ACL before the load balancer (002 §4.3, 001 §7): rate limit, managed rule groups, countries.

It is associated with the load balancer, as the stage of an HTTP API takes none (001 §7). There every request comes from
the VPC link, so addresses are those of the header that the API overwrites. Must never log a token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.api import CLIENT_ADDRESS_HEADER
from tradai_blueprints.tradai.config.security import WafRule
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming

_WINDOW_SECONDS: Final = 300
_GEO_RULE: Final = "GeoBlockRule"
_VENDOR: Final = "AWS"
#: Before the rules of 002 §4.3: a refused country counts against no limit.
_GEO_PRIORITY: Final = 0


@dataclass(frozen=True, kw_only=True)
class WafArgs:
    """`load_balancer_arn` is None where there is none to stand before; `retention_days` is the environment's."""

    naming: Naming
    rules: Sequence[WafRule]
    blocked_countries: Sequence[str]
    load_balancer_arn: pulumi.Output[str | None] | None
    retention_days: int


class Waf(Component):
    """`acl`, and its `log_group`."""

    def __init__(self, name: str, args: WafArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edge:Waf", name, opts)
        acl_name = args.naming.name("waf")
        geo = [_geo(args.blocked_countries)] if args.blocked_countries else []
        self.acl = aws.wafv2.WebAcl(
            "waf",
            name=acl_name,
            description="Rate limit and managed rules before the load balancer",
            scope="REGIONAL",
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            rules=[*geo, *(_rule(row) for row in args.rules)],
            visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, sampled_requests_enabled=True, metric_name=acl_name
            ),
            opts=self.child(),
        )
        self.log_group = self._logged(args)
        if args.load_balancer_arn is not None:
            aws.wafv2.WebAclAssociation(
                "alb",
                resource_arn=args.load_balancer_arn.apply(_known),
                web_acl_arn=self.acl.arn,
                opts=self.child(),
            )
        self.register_outputs({"arn": self.acl.arn})

    def _logged(self, args: WafArgs) -> aws.cloudwatch.LogGroup:
        group = aws.cloudwatch.LogGroup(
            "waf", name=args.naming.waf_log_group, retention_in_days=args.retention_days, opts=self.child()
        )
        aws.wafv2.WebAclLoggingConfiguration(
            "waf",
            resource_arn=self.acl.arn,
            log_destination_configs=[group.arn],
            redacted_fields=[
                aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
                    single_header=aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(
                        name="authorization"
                    )
                )
            ],
            opts=self.child(),
        )
        return group


def _rule(row: WafRule) -> aws.wafv2.WebAclRuleArgs:
    """A rate rule blocks by itself; a managed group's own actions, which block, are left as they are."""
    if row.rate_limit is None:
        group = aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(name=row.name, vendor_name=_VENDOR)
        return aws.wafv2.WebAclRuleArgs(
            name=row.name,
            priority=row.priority,
            override_action=_as_the_group_says(),
            statement=aws.wafv2.WebAclRuleStatementArgs(managed_rule_group_statement=group),
            visibility_config=_visible(row.name),
        )
    rate = aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
        limit=row.rate_limit,
        evaluation_window_sec=_WINDOW_SECONDS,
        aggregate_key_type="FORWARDED_IP",
        forwarded_ip_config=aws.wafv2.WebAclRuleStatementRateBasedStatementForwardedIpConfigArgs(
            header_name=CLIENT_ADDRESS_HEADER, fallback_behavior="MATCH"
        ),
    )
    return _blocking(row.name, row.priority, aws.wafv2.WebAclRuleStatementArgs(rate_based_statement=rate))


def _geo(countries: Sequence[str]) -> aws.wafv2.WebAclRuleArgs:
    geo = aws.wafv2.WebAclRuleStatementGeoMatchStatementArgs(
        country_codes=sorted(countries),
        forwarded_ip_config=aws.wafv2.WebAclRuleStatementGeoMatchStatementForwardedIpConfigArgs(
            header_name=CLIENT_ADDRESS_HEADER, fallback_behavior="MATCH"
        ),
    )
    return _blocking(_GEO_RULE, _GEO_PRIORITY, aws.wafv2.WebAclRuleStatementArgs(geo_match_statement=geo))


def _blocking(name: str, priority: int, statement: aws.wafv2.WebAclRuleStatementArgs) -> aws.wafv2.WebAclRuleArgs:
    return aws.wafv2.WebAclRuleArgs(
        name=name,
        priority=priority,
        action=aws.wafv2.WebAclRuleActionArgs(block=aws.wafv2.WebAclRuleActionBlockArgs()),
        statement=statement,
        visibility_config=_visible(name),
    )


def _as_the_group_says() -> aws.wafv2.WebAclRuleOverrideActionArgs:
    none = aws.wafv2.WebAclRuleOverrideActionNoneArgs()  # type: ignore[no-untyped-call]  # of pulumi_aws
    return aws.wafv2.WebAclRuleOverrideActionArgs(none=none)


def _visible(metric: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgs:
    return aws.wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, sampled_requests_enabled=True, metric_name=metric
    )


def _known(arn: str | None) -> str:
    """Raises ValueError where compute was built without a load balancer."""
    if not arn:
        raise ValueError("the compute layer has no load balancer: set skipAlb in the edge layer's config as well")
    return arn
