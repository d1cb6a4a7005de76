"""Queues and their policies (SQS).

Must never set an attribute that the program does not mention, except to take back what it used to mention.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, on, retag
from tradai_sandbox.provider.props import Prop, Props, document, out, tags
from tradai_sandbox.provider.row import Row, Work

_URL: Final = {"QueueUrl": "{id}"}
_ATTRIBUTES: Final = Read("GetQueueAttributes", {**_URL, "AttributeNames": ["All"]})


def _set_attributes(work: Work) -> None:
    """Sets the attributes that changed; one that the program gave up goes back to nothing."""
    wanted = work.params("SetQueueAttributes", work.changed).get("Attributes", {})
    for name in work.changed - set(work.inputs):
        prop = work.row.prop(name)
        if prop is not None and prop.api.startswith("Attributes."):
            wanted[prop.api.partition(".")[2]] = ""
    if wanted:
        work.call("SetQueueAttributes", QueueUrl=work.id, Attributes=wanted)


def _name(work: Work, found: Props) -> Props:
    """The queue's name is in no answer but as the end of its ARN."""
    return {
        "name": found["arn"].rpartition(":")[2],
        "url": work.id,
        "fifoQueue": found.get("fifoQueue", False),
    }


def _attribute(name: str, kind: type = int, default: Any = None, **more: Any) -> Prop:
    api = more.pop("api", "Attributes." + name[0].upper() + name[1:].removesuffix("Seconds"))
    return Prop(name, kind, api, default=default, **more)


_QUEUE_PROPS: Final = (
    Prop("name", api="QueueName", replace=True),
    _attribute("fifoQueue", bool, api="Attributes.FifoQueue", replace=True),
    _attribute("contentBasedDeduplication", bool),
    _attribute("deduplicationScope", str, computed=True),
    _attribute("fifoThroughputLimit", str, computed=True),
    _attribute("delaySeconds", default=0, api="Attributes.DelaySeconds"),
    _attribute("maxMessageSize", api="Attributes.MaximumMessageSize", computed=True),
    _attribute("messageRetentionSeconds", api="Attributes.MessageRetentionPeriod", default=345600),
    _attribute("receiveWaitTimeSeconds", api="Attributes.ReceiveMessageWaitTimeSeconds", default=0),
    _attribute("visibilityTimeoutSeconds", api="Attributes.VisibilityTimeout", default=30),
    _attribute("kmsMasterKeyId", str),
    _attribute("kmsDataKeyReusePeriodSeconds", computed=True, api="Attributes.KmsDataKeyReusePeriodSeconds"),
    _attribute("sqsManagedSseEnabled", bool, computed=True),
    document("policy", "Attributes.Policy", shared=True),
    document("redrivePolicy", "Attributes.RedrivePolicy", shared=True),
    document("redriveAllowPolicy", "Attributes.RedriveAllowPolicy", shared=True),
    *tags(to=None),
    out("arn", api="Attributes.QueueArn"),
    out("url", api="QueueUrl"),
)

QUEUE: Final = Row(
    "aws:sqs/queue:Queue",
    "sqs",
    _QUEUE_PROPS,
    create=Create("CreateQueue", id="QueueUrl"),
    read=(_ATTRIBUTES, Read("ListQueueTags", _URL, only=frozenset({"tags"}), gone_is_empty=True)),
    finish=_name,
    steps=(
        on(
            {p.name for p in _QUEUE_PROPS if p.api.startswith("Attributes.")},
            _set_attributes,
            after_create=False,
        ),
        retag("TagQueue", "UntagQueue", _URL),
    ),
    delete=Delete("DeleteQueue", _URL),
    name="name",
)


def _put_policy(work: Work) -> str:
    url = str(work.inputs["queueUrl"])
    work.call("SetQueueAttributes", QueueUrl=url, Attributes={"Policy": work.inputs["policy"]})
    return url


def _read_policy(work: Work) -> Props | None:
    """A queue without a policy has none that could be ours."""
    found = _ATTRIBUTES(work)
    return {"queueUrl": work.id, "policy": found["policy"]} if found and found.get("policy") else None


QUEUE_POLICY: Final = Row(
    "aws:sqs/queuePolicy:QueuePolicy",
    "sqs",
    (Prop("queueUrl", required=True, replace=True), document("policy", "Attributes.Policy", required=True)),
    create=_put_policy,
    read=(_read_policy,),
    steps=(on({"policy"}, _put_policy, after_create=False),),
    delete=Delete("SetQueueAttributes", {**_URL, "Attributes": {"Policy": ""}}),
    id="{queueUrl}",
    delete_first=True,
)

ROWS: Final = (QUEUE, QUEUE_POLICY)
