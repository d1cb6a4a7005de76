"""EventBridge rules and their targets.

Must never touch a rule's targets from the rule's own row.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Read, change, forgiving, on, retag
from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.props import Prop, Props, document, local, out, pairs, tags, unpairs
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.translate import from_api, shape_at, to_api

_DEFAULT_BUS: Final = "default"
_RULE: Final = {"Name": "{name}", "EventBusName": "{eventBusName}"}
_BY_ARN: Final = {"ResourceARN": "{arn}"}
_SET: Final = frozenset({"description", "eventPattern", "scheduleExpression", "roleArn", "state"})


def _delete_rule(work: Work) -> None:
    rule, bus = work.state["name"], work.state.get("eventBusName", _DEFAULT_BUS)
    if work.inputs.get("forceDestroy"):
        found = forgiving(work, "ListTargetsByRule", Rule=rule, EventBusName=bus).get("Targets", [])
        if found:
            work.call("RemoveTargets", Rule=rule, EventBusName=bus, Ids=[t["Id"] for t in found])
    forgiving(work, "DeleteRule", Name=rule, EventBusName=bus)


RULE: Final = Row(
    "aws:cloudwatch/eventRule:EventRule",
    "events",
    (
        Prop("name", replace=True),
        Prop("eventBusName", default=_DEFAULT_BUS, replace=True),
        Prop("description"),
        document("eventPattern"),
        Prop("scheduleExpression"),
        Prop("roleArn"),
        Prop("state", default="ENABLED"),
        local("forceDestroy", default=False),
        *tags(),
        out("arn"),
    ),
    create=Create("PutRule"),
    read=(
        Read("DescribeRule", {"Name": "{name}", "EventBusName": "{eventBusName}"}),
        Read("ListTagsForResource", _BY_ARN, only=frozenset({"tags"})),
    ),
    steps=(
        change(_SET, "PutRule", _RULE, after_create=False),
        retag("TagResource", "UntagResource", _BY_ARN),
    ),
    delete=_delete_rule,
    id="{name}",
    import_id="{eventBusName}/{name}",
    name="name",
)


_TRANSFORMER: Final = (Prop("inputPaths", dict, api="InputPathsMap"), Prop("inputTemplate"))
_NETWORK: Final = (
    Prop("subnets", list),
    Prop("securityGroups", list),
    Prop(
        "assignPublicIp",
        bool,
        to=lambda wanted: "ENABLED" if wanted else "DISABLED",
        back=lambda found: found == "ENABLED",
    ),
)
_ECS: Final = (
    Prop("taskDefinitionArn"),
    Prop("taskCount", int),
    Prop("launchType"),
    Prop("platformVersion"),
    Prop("group"),
    Prop("networkConfiguration", dict, "NetworkConfiguration.awsvpcConfiguration", fields=_NETWORK),
    Prop("capacityProviderStrategies", list, "CapacityProviderStrategy"),
    Prop("enableEcsManagedTags", bool),
    Prop("enableExecuteCommand", bool),
    Prop("propagateTags"),
    Prop("tags", dict, to=pairs, back=unpairs),
)
_TARGET: Final = (
    Prop("arn", required=True),
    Prop("roleArn"),
    Prop("input"),
    Prop("inputPath"),
    Prop("inputTransformer", dict, fields=_TRANSFORMER),
    Prop("retryPolicy", dict),
    Prop("deadLetterConfig", dict),
    Prop("sqsTarget", dict, api="SqsParameters"),
    Prop("ecsTarget", dict, api="EcsParameters", fields=_ECS),
)


def _rule_of(work: Work) -> Props:
    return {"Rule": work.values["rule"], "EventBusName": work.values.get("eventBusName", _DEFAULT_BUS)}


def _put_target(work: Work) -> str:
    """One target of a rule. AWS answers a target that it refuses with a list, not with an error."""
    shape: Any = shape_at(work.cloud.input_shape("events", "PutTargets"), "Targets[0]")
    target = {"Id": work.inputs["targetId"], **to_api(_TARGET, work.inputs, shape)}
    answer = work.call("PutTargets", **_rule_of(work), Targets=[target])
    if failed := answer.get("FailedEntries"):
        raise ProviderError(f"PutTargets: {failed[0].get('ErrorCode')}: {failed[0].get('ErrorMessage')}")
    return str(work.fill(work.row.id))


def _read_target(work: Work) -> Props | None:
    found = forgiving(work, "ListTargetsByRule", **_rule_of(work)).get("Targets", [])
    mine = next((target for target in found if target["Id"] == work.values["targetId"]), None)
    if mine is None:
        return None
    shape = shape_at(work.cloud.model("events", "ListTargetsByRule").output_shape, "Targets[0]")
    where = _rule_of(work)
    known = {"rule": where["Rule"], "eventBusName": where["EventBusName"], "targetId": mine["Id"]}
    return {**known, **from_api(_TARGET, mine, shape)}


TARGET: Final = Row(
    "aws:cloudwatch/eventTarget:EventTarget",
    "events",
    (
        Prop("rule", required=True, replace=True),
        Prop("eventBusName", default=_DEFAULT_BUS, replace=True),
        Prop("targetId", replace=True),
        local("forceDestroy", default=False),
        *_TARGET,
    ),
    create=_put_target,
    read=(_read_target,),
    steps=(on({p.name for p in _TARGET}, _put_target, after_create=False),),
    delete=lambda work: forgiving(work, "RemoveTargets", **_rule_of(work), Ids=[work.state["targetId"]]),
    id="{rule}-{targetId}",
    import_id="{rule}/{targetId}",
    name="targetId",
)

ROWS: Final = (RULE, TARGET)
