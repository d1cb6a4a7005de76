"""Load balancers, target groups, listeners and rules; needs `ec2_network`, `ec2_guards` and `s3`."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _attributes(found: Any) -> dict[str, str]:
    return {a["Key"]: a["Value"] for a in found["Attributes"]}


def _balancer(aws: Aws, state: Props) -> Any:
    found = aws("elbv2").describe_load_balancers(LoadBalancerArns=[state["id"]])["LoadBalancers"][0]
    about = _attributes(aws("elbv2").describe_load_balancer_attributes(LoadBalancerArn=state["id"]))
    return {
        "scheme": found["Scheme"],
        "zones": len(found["AvailabilityZones"]),
        "groups": len(found["SecurityGroups"]),
        "drops": about["routing.http.drop_invalid_header_fields.enabled"],
        "logs": [about["access_logs.s3.enabled"], about["access_logs.s3.prefix"]],
        "idle": about["idle_timeout.timeout_seconds"],
    }


def _group(aws: Aws, state: Props) -> Any:
    found = aws("elbv2").describe_target_groups(TargetGroupArns=[state["id"]])["TargetGroups"][0]
    about = _attributes(aws("elbv2").describe_target_group_attributes(TargetGroupArn=state["id"]))
    check = [found["HealthCheckPath"], found["Matcher"]["HttpCode"], found["HealthyThresholdCount"]]
    return [found["Port"], found["TargetType"], *check, about["deregistration_delay.timeout_seconds"]]


def _listener(aws: Aws, state: Props) -> Any:
    found = aws("elbv2").describe_listeners(ListenerArns=[state["id"]])["Listeners"]
    return [[entry["Port"], entry["DefaultActions"][0]["Type"]] for entry in found]


def _rule(aws: Aws, state: Props) -> Any:
    found = aws("elbv2").describe_rules(RuleArns=[state["id"]])["Rules"]
    return [[r["Priority"], r["Conditions"][0]["PathPatternConfig"]["Values"]] for r in found]


def _check(path: str) -> Props:
    return {
        "path": path,
        "protocol": "HTTP",
        "matcher": "200",
        "interval": 30,
        "timeout": 5,
        "healthy_threshold": 2,
        "unhealthy_threshold": 3,
    }


def _fixed(text: str) -> Props:
    return {
        "type": "fixed-response",
        "fixed_response": {"content_type": "text/plain", "message_body": text, "status_code": "404"},
    }


_REDIRECT: Final = {
    "type": "redirect",
    "redirect": {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"},
}
_BALANCER: Final = {
    "scheme": "internal",
    "zones": 2,
    "groups": 1,
    "drops": "true",
    "logs": ["true", "alb"],
    "idle": "60",
}

CASES: Final = (
    Case(
        "lb.balancer",
        "aws:lb/loadBalancer:LoadBalancer",
        {
            "name": "case-alb",
            "internal": True,
            "load_balancer_type": "application",
            "security_groups": [Ref("ec2.group")],
            "subnets": [Ref("ec2.subnet"), Ref("ec2.subnet-b")],
            "drop_invalid_header_fields": True,
            "access_logs": {"bucket": Ref("s3.bucket", "bucket"), "prefix": "alb", "enabled": True},
            "tags": {"a": "1"},
        },
        _balancer,
        _BALANCER,
        update={"idle_timeout": 90, "security_groups": [Ref("ec2.spare-group")], "tags": {"a": "2"}},
        updated={**_BALANCER, "idle": "90"},
        meddle=lambda aws, state: aws("elbv2").modify_load_balancer_attributes(
            LoadBalancerArn=state["id"],
            Attributes=[{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "false"}],
        ),
        drifted=frozenset({"dropInvalidHeaderFields"}),
    ),
    Case(
        "lb.spare-balancer",
        "aws:lb/loadBalancer:LoadBalancer",
        {"name": "case-spare", "internal": True, "subnets": [Ref("ec2.subnet"), Ref("ec2.subnet-b")]},
        lambda aws, state: len(aws("elbv2").describe_load_balancers(LoadBalancerArns=[state["id"]])["LoadBalancers"]),
        1,
        replace={"internal": False},
    ),
    Case(
        "lb.group",
        "aws:lb/targetGroup:TargetGroup",
        {
            "name": "case-group",
            "port": 8000,
            "protocol": "HTTP",
            "target_type": "ip",
            "vpc_id": Ref("ec2.vpc"),
            "deregistration_delay": 30,
            "health_check": _check("/one"),
            "tags": {"a": "1"},
        },
        _group,
        [8000, "ip", "/one", "200", 2, "30"],
        update={"deregistration_delay": 60, "health_check": _check("/two"), "tags": {"a": "2"}},
        updated=[8000, "ip", "/two", "200", 2, "60"],
        meddle=lambda aws, state: aws("elbv2").modify_target_group(
            TargetGroupArn=state["id"], HealthCheckPath="/three"
        ),
        drifted=frozenset({"healthCheck"}),
    ),
    Case(
        "lb.spare-group",
        "aws:lb/targetGroup:TargetGroup",
        {"name": "case-spare", "port": 80, "protocol": "HTTP", "vpc_id": Ref("ec2.vpc")},
        lambda aws, state: _group(aws, state)[0],
        80,
        replace={"port": 81},
    ),
    Case(
        "lb.listener",
        "aws:lb/listener:Listener",
        {
            "load_balancer_arn": Ref("lb.balancer", "arn"),
            "port": 80,
            "protocol": "HTTP",
            "default_actions": [_fixed("Not found")],
            "tags": {"a": "1"},
        },
        _listener,
        [[80, "fixed-response"]],
        update={"default_actions": [_REDIRECT], "tags": {"a": "2"}},
        updated=[[80, "redirect"]],
        meddle=lambda aws, state: aws("elbv2").modify_listener(
            ListenerArn=state["id"],
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}],
        ),
        drifted=frozenset({"defaultActions"}),
    ),
    Case(
        "lb.spare-listener",
        "aws:lb/listener:Listener",
        {
            "load_balancer_arn": Ref("lb.balancer", "arn"),
            "port": 8080,
            "protocol": "HTTP",
            "default_actions": [_fixed("Nothing")],
        },
        _listener,
        [[8080, "fixed-response"]],
        replace={"load_balancer_arn": Ref("lb.spare-balancer", "arn")},
    ),
    Case(
        "lb.rule",
        "aws:lb/listenerRule:ListenerRule",
        {
            "listener_arn": Ref("lb.listener", "arn"),
            "priority": 10,
            "actions": [{"type": "forward", "target_group_arn": Ref("lb.group", "arn")}],
            "conditions": [{"path_pattern": {"values": ["/api/v1/*"]}}],
            "tags": {"a": "1"},
        },
        _rule,
        [["10", ["/api/v1/*"]]],
        update={"priority": 20, "conditions": [{"path_pattern": {"values": ["/api/v2/*"]}}], "tags": {"a": "2"}},
        updated=[["20", ["/api/v2/*"]]],
        meddle=lambda aws, state: aws("elbv2").set_rule_priorities(
            RulePriorities=[{"RuleArn": state["id"], "Priority": 30}]
        ),
        drifted=frozenset({"priority"}),
        replace={"listener_arn": Ref("lb.spare-listener", "arn")},
    ),
)
