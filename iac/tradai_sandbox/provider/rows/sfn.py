"""State machines (Step Functions).

Must never take two definitions for the same because they hold the same states in another order of choices or
catchers: order is meaning there.
"""

import json
from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, retag
from tradai_sandbox.provider.props import Prop, Props, lower_pairs, out, parse_json, tags
from tradai_sandbox.provider.row import Row, Work

_MACHINE: Final = {"stateMachineArn": "{id}"}
_SET: Final = (
    "definition",
    "roleArn",
    "loggingConfiguration",
    "tracingConfiguration",
    "encryptionConfiguration",
    "publish",
)


def _same_definition(actual: Any, wanted: Any) -> bool:
    """Whether two documents differ in nothing but the order of their keys and the space between them."""
    actual, wanted = (json.dumps(parse_json(text), sort_keys=True) for text in (actual, wanted))
    return bool(actual == wanted)


def _logging(wanted: Props) -> Props:
    """AWS takes a list of destinations, of which there may be one."""
    found: Props = {name: wanted[name] for name in ("level", "includeExecutionData") if name in wanted}
    group = wanted.get("logDestination")
    destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}] if group else []
    return {**found, **({"destinations": destinations} if destinations else {})}


def _logging_back(found: Props) -> Props:
    groups = [each["cloudWatchLogsLogGroup"]["logGroupArn"] for each in found.get("destinations", [])]
    told: Props = {name: found[name] for name in ("level", "includeExecutionData") if name in found}
    return {**told, **({"logDestination": groups[0]} if groups else {})}


def _whole(work: Work) -> Props:
    """AWS wants at least one of these in an update; a published version holds them as they then are."""
    found = {name: work.inputs[name] for name in ("definition", "roleArn")}
    return {**found, **({"publish": True} if work.inputs.get("publish") else {})}


def _latest_version(work: Work) -> Props:
    """The newest published version, where the program publishes any."""
    if not work.inputs.get("publish"):
        return {}
    answer = work.call("ListStateMachineVersions", stateMachineArn=work.id, maxResults=1)
    versions = answer["stateMachineVersions"]
    return {"stateMachineVersionArn": versions[0]["stateMachineVersionArn"]} if versions else {}


STATE_MACHINE: Final = Row(
    "aws:sfn/stateMachine:StateMachine",
    "stepfunctions",
    (
        Prop("name", replace=True),
        Prop("definition", required=True, same=_same_definition),
        Prop("roleArn", required=True),
        Prop("type", default="STANDARD", replace=True),
        Prop("loggingConfiguration", dict, to=_logging, back=_logging_back, computed=True),
        Prop("tracingConfiguration", dict, computed=True),
        Prop("encryptionConfiguration", dict, computed=True),
        Prop("publish", bool, write_only=True, default=False),
        *tags(to=lower_pairs),
        out("arn", api="stateMachineArn"),
        out("creationDate"),
        out("description"),
        out("revisionId", moving=True),
        out("stateMachineVersionArn", moving=True),
        out("status"),
    ),
    create=Create("CreateStateMachine", "stateMachineArn"),
    read=(
        Read("DescribeStateMachine", _MACHINE, alive=lambda found: found["status"] != "DELETING"),
        Read("ListTagsForResource", {"resourceArn": "{id}"}, only=frozenset({"tags"})),
        _latest_version,
    ),
    steps=(
        change(_SET, "UpdateStateMachine", _MACHINE, build=_whole, after_create=False, only_changed=True),
        retag("TagResource", "UntagResource", {"resourceArn": "{id}"}, tags="tags", keys="tagKeys"),
    ),
    delete=Delete("DeleteStateMachine", _MACHINE),
    name="name",
)

ROWS: Final = (STATE_MACHINE,)
