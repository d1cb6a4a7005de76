"""Task definitions (ECS): a change registers another revision of the family.

Must never take for a difference what ECS fills in by itself, and must never deregister another revision than its own.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from tradai_sandbox.provider.calls import Create, forgiving, retag
from tradai_sandbox.provider.compare import is_empty
from tradai_sandbox.provider.props import Prop, Props, local, lower_pairs, out, parse_json, tags, unpairs
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.translate import TranslationError, from_api, shape_at

#: What ECS fills in where a container's definition is silent (`ContainerDefinition`).
_CONTAINER: Final = {"essential": True}
_CHECK: Final = {"interval": 30, "timeout": 5, "retries": 3}
_PORT: Final = {"protocol": "tcp"}
_HOST_PORT_IS_CONTAINERS: Final = ("awsvpc", "host")
#: Lists of which ECS keeps no order.
_UNORDERED: Final = frozenset(
    {"environment", "mountPoints", "portMappings", "secrets", "systemControls", "ulimits", "volumesFrom"}
)


def parsed(text: str) -> list[Props]:
    """The containers of a document; raises TranslationError where it is no list of objects in JSON."""
    found = parse_json(text)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise TranslationError("'containerDefinitions' is not a JSON list of container definitions")
    return found


def same_containers(actual: Any, wanted: Any) -> bool:
    """Whether two documents define the same containers, with what ECS fills in the one counted as said in the other."""
    try:
        had, asked = _containers(actual), _containers(wanted)
    except TranslationError:
        return bool(actual == wanted)
    return had.keys() == asked.keys() and all(_same_container(had[name], asked[name]) for name in asked)


def _same_container(had: Props, asked: Props) -> bool:
    ports, wanted = had.pop("portMappings", []), asked.pop("portMappings", [])
    same_ports = len(ports) == len(wanted) and all(_same_port(h, w) for h, w in zip(ports, wanted, strict=True))
    return same_ports and had == asked


def _same_port(had: Props, asked: Props) -> bool:
    """What is read has no host port that merely follows from the container's; 0 is any port that is free."""
    given, wanted = had.pop("hostPort", None), asked.pop("hostPort", None)
    implied = given is None and wanted == asked.get("containerPort")
    return had == asked and (implied or (given or 0) == (wanted or 0))


def _containers(text: Any) -> dict[str, Props]:
    return {str(item.get("name")): _explicit(item) for item in parsed(text)}


def _explicit(container: Props) -> Props:
    """A definition with all defaults said, and without whatever says nothing."""
    found = {**_CONTAINER, **{k: v for k, v in container.items() if v is not None and v not in ([], {}, "")}}
    if found.get("cpu") == 0:
        del found["cpu"]
    if "healthCheck" in found:
        found["healthCheck"] = {**_CHECK, **found["healthCheck"]}
    if "portMappings" in found:
        found["portMappings"] = [_explicit_port(port) for port in found["portMappings"]]
    if "logConfiguration" in found:
        found["logConfiguration"] = {k: v for k, v in found["logConfiguration"].items() if not is_empty(v)}
    return {k: sorted(v, key=_order) if k in _UNORDERED else v for k, v in found.items()}


def _explicit_port(port: Props) -> Props:
    return {**_PORT, **{k: v for k, v in port.items() if v not in (None, "")}}


def _order(item: Mapping[str, Any]) -> str:
    """Ports by what both sides always say; all else by everything."""
    if "containerPort" in item:
        return f"{item['containerPort']}/{item.get('protocol')}"
    return json.dumps(item, sort_keys=True)


_VOLUME: Final = (
    Prop("name"),
    Prop("hostPath", api="host.sourcePath"),
    Prop("configureAtLaunch", bool, api="configuredAtLaunch"),
    Prop("dockerVolumeConfiguration", dict),
    Prop("efsVolumeConfiguration", dict),
)


def _without_implied_ports(found: Props) -> Props:
    """Where the network mode leaves no choice, the host's port is the container's, and ECS says so."""
    if found.get("networkMode") not in _HOST_PORT_IS_CONTAINERS:
        return found
    return {**found, "containerDefinitions": [_without_ports(c) for c in found["containerDefinitions"]]}


def _without_ports(container: Props) -> Props:
    ports = [{k: v for k, v in port.items() if k != "hostPort"} for port in container.get("portMappings", [])]
    return {**container, "portMappings": ports}


def _own_arn(work: Work) -> str:
    made = work.made.get("taskDefinition", {}).get("taskDefinitionArn")
    return str(work.state.get("arn") or made)


def _read(work: Work) -> Props | None:
    """Its own revision, or the family's latest where the program tracks that; a deregistered one is gone."""
    which = work.id if work.inputs.get("trackLatest") else _own_arn(work)
    answer = forgiving(work, "DescribeTaskDefinition", taskDefinition=which, include=["TAGS"])
    found = answer.get("taskDefinition")
    if not found or found["status"] != "ACTIVE":
        return None
    shape = shape_at(work.cloud.model("ecs", "DescribeTaskDefinition").output_shape, "taskDefinition")
    return {
        **from_api(work.row.props, _without_implied_ports(found), shape),
        "arnWithoutRevision": found["taskDefinitionArn"].rpartition(":")[0],
        "tags": unpairs(answer.get("tags", [])),
    }


def _deregister(work: Work) -> None:
    if not work.inputs.get("skipDestroy"):
        forgiving(work, "DeregisterTaskDefinition", taskDefinition=work.state["arn"])


TASK_DEFINITION: Final = Row(
    "aws:ecs/taskDefinition:TaskDefinition",
    "ecs",
    (
        Prop("family", required=True, replace=True),
        Prop("containerDefinitions", required=True, replace=True, to=parsed, back=json.dumps, same=same_containers),
        Prop("cpu", replace=True),
        Prop("memory", replace=True),
        Prop("networkMode", replace=True, computed=True),
        Prop("requiresCompatibilities", list, replace=True),
        Prop("executionRoleArn", replace=True),
        Prop("taskRoleArn", replace=True),
        Prop("runtimePlatform", dict, replace=True),
        Prop("volumes", list, fields=_VOLUME, replace=True),
        Prop("ephemeralStorage", dict, fields=(Prop("sizeInGib", int),), replace=True),
        local("skipDestroy", default=False),
        local("trackLatest", default=False),
        *tags(to=lower_pairs),
        out("arn", api="taskDefinitionArn"),
        out("arnWithoutRevision"),
        out("revision", int),
    ),
    create=Create("RegisterTaskDefinition", "taskDefinition.family"),
    read=(_read,),
    steps=(retag("TagResource", "UntagResource", {"resourceArn": "{arn}"}, tags="tags", keys="tagKeys"),),
    delete=_deregister,
    id="{family}",
    import_id="{arn}",
    gone=frozenset({"ClientException"}),
)

ROWS: Final = (TASK_DEFINITION,)
