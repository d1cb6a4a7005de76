"""Listeners of load balancers and their rules (Elastic Load Balancing v2).

Must never reorder actions: AWS performs them in order.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, on
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.rows.elbv2_parts import ACTION, READ_TAGS, TAGS

_LISTENER: Final = {"ListenerArn": "{id}"}


def _certificates(arn: str) -> list[Props]:
    return [{"CertificateArn": arn}]


def _certificate(found: list[dict[str, Any]]) -> str | None:
    return found[0]["CertificateArn"] if found else None


_LISTENER_SET: Final = (
    Prop("port", int),
    Prop("protocol", computed=True),
    Prop("sslPolicy", computed=True),
    Prop("certificateArn", api="Certificates", to=_certificates, back=_certificate),
    Prop("alpnPolicy", to=lambda policy: [policy], back=lambda found: found[0] if found else None),
    Prop("defaultActions", list, required=True, fields=ACTION, ordered=True),
)

LISTENER: Final = Row(
    "aws:lb/listener:Listener",
    "elbv2",
    (
        Prop("loadBalancerArn", required=True, replace=True),
        *_LISTENER_SET,
        *tags(),
        out("arn", api="ListenerArn"),
    ),
    create=Create("CreateListener", "Listeners[0].ListenerArn"),
    steps=(change({p.name for p in _LISTENER_SET}, "ModifyListener", _LISTENER, after_create=False), TAGS),
    read=(Read("DescribeListeners", {"ListenerArns": ["{id}"]}, "Listeners[0]"), READ_TAGS),
    delete=Delete("DeleteListener", _LISTENER),
    delete_first=True,
)

#: A condition's kinds: Pulumi's name → the API's `Field` and member.
_FIELDS: Final = {
    "hostHeader": ("host-header", "HostHeaderConfig"),
    "httpHeader": ("http-header", "HttpHeaderConfig"),
    "httpRequestMethod": ("http-request-method", "HttpRequestMethodConfig"),
    "pathPattern": ("path-pattern", "PathPatternConfig"),
    "sourceIp": ("source-ip", "SourceIpConfig"),
}


def _condition(given: Props) -> Props:
    name, wanted = next(iter(given.items()))
    field, member = _FIELDS[name]
    header = {"HttpHeaderName": wanted["httpHeaderName"]} if "httpHeaderName" in wanted else {}
    return {"Field": field, member: {**header, "Values": wanted["values"]}}


def _condition_back(found: dict[str, Any]) -> Props:
    name, member = next((n, m) for n, (field, m) in _FIELDS.items() if field == found["Field"])
    about = found.get(member) or {"Values": found.get("Values", [])}
    header = {"httpHeaderName": about["HttpHeaderName"]} if "HttpHeaderName" in about else {}
    return {name: {**header, "values": about["Values"]}}


def _set_priority(work: Work) -> None:
    priority = int(work.inputs["priority"])
    work.call("SetRulePriorities", RulePriorities=[{"RuleArn": work.id, "Priority": priority}])


_RULE: Final = {"RuleArn": "{id}"}

RULE: Final = Row(
    "aws:lb/listenerRule:ListenerRule",
    "elbv2",
    (
        Prop("listenerArn", required=True, replace=True),
        Prop("priority", int),
        Prop("actions", list, required=True, fields=ACTION, ordered=True),
        Prop(
            "conditions",
            list,
            required=True,
            to=lambda given: [_condition(c) for c in given],
            back=lambda found: [_condition_back(c) for c in found],
        ),
        *tags(),
        out("arn", api="RuleArn"),
    ),
    create=Create("CreateRule", "Rules[0].RuleArn"),
    steps=(
        change({"actions", "conditions"}, "ModifyRule", _RULE, after_create=False),
        on({"priority"}, _set_priority, after_create=False),
        TAGS,
    ),
    read=(Read("DescribeRules", {"RuleArns": ["{id}"]}, "Rules[0]"), READ_TAGS),
    delete=Delete("DeleteRule", _RULE),
    finish=lambda work, _: {"listenerArn": _listener_of(work.id)},
    delete_first=True,
)


def _listener_of(rule: str) -> str:
    """The listener that a rule's ARN tells: `…:listener-rule/app/lb/1/2/3` belongs to `…:listener/app/lb/1/2`."""
    return rule.replace(":listener-rule/", ":listener/").rpartition("/")[0]


ROWS: Final = (LISTENER, RULE)
