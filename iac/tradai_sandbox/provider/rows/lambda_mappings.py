"""Event source mappings: which function a queue's messages go to (Lambda).

Must never answer before a mapping has come to rest: AWS refuses to change one that is still on its way.
"""

from collections.abc import Mapping
from typing import Final

from tradai_sandbox.provider.calls import Create, Delete, Read, on, retag
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.rows.awslambda import same_function

_MAPPING: Final = {"UUID": "{id}"}
_AT_REST: Final = frozenset({"Enabled", "Disabled", "Deleting"})
#: What an update sets to nothing when the program gives it up.
_NOTHING: Final[Mapping[str, Props]] = {
    "filterCriteria": {"FilterCriteria": {}},
    "functionResponseTypes": {"FunctionResponseTypes": []},
    "metricsConfig": {"MetricsConfig": {"Metrics": []}},
    "scalingConfig": {"ScalingConfig": {}},
}

_SETTINGS: Final = (
    Prop("functionName", api="FunctionName|FunctionArn", required=True, same=same_function),
    Prop("enabled", bool, api="Enabled", default=True),
    Prop("batchSize", int, computed=True),
    Prop("maximumBatchingWindowInSeconds", int, computed=True),
    Prop("filterCriteria", dict),
    Prop("functionResponseTypes", list),
    Prop("scalingConfig", dict),
    Prop("metricsConfig", dict),
    Prop("kmsKeyArn"),
)


def _with_enabled(found: Props) -> Props:
    """Whether a mapping is enabled is told by its state alone."""
    return {**found, "Enabled": found["State"] == "Enabled"}


def _update(work: Work) -> None:
    gone = work.changed - set(work.inputs)
    nothing = {k: v for name in gone for k, v in _NOTHING.get(name, {}).items()}
    params = work.params("UpdateEventSourceMapping", work.changed)
    work.call("UpdateEventSourceMapping", UUID=work.id, **params, **nothing)


MAPPING: Final = Row(
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "lambda",
    (
        Prop("eventSourceArn", replace=True),
        *_SETTINGS,
        *tags(to=None),
        out("arn", api="EventSourceMappingArn"),
        out("functionArn"),
        out("lastModified"),
        out("state"),
        out("stateTransitionReason"),
        out("uuid"),
    ),
    create=Create("CreateEventSourceMapping", "UUID"),
    read=(
        Read(
            "GetEventSourceMapping",
            _MAPPING,
            alive=lambda found: found["State"] != "Deleting",
            settled=lambda found: found["State"] in _AT_REST,
            reshape=_with_enabled,
        ),
        Read("ListTags", {"Resource": "{arn}"}, only=frozenset({"tags"})),
    ),
    steps=(
        on({p.name for p in _SETTINGS}, _update, after_create=False),
        retag("TagResource", "UntagResource", {"Resource": "{arn}"}),
    ),
    delete=Delete("DeleteEventSourceMapping", _MAPPING),
)

ROWS: Final = (MAPPING,)
