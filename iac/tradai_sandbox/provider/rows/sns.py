"""Topics, their policies and subscriptions (SNS).

Must never confirm a subscription in somebody's place.
"""

import json
from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, on, retag
from tradai_sandbox.provider.props import Prop, Props, document, out, tags
from tradai_sandbox.provider.row import Row, Work

_TOPIC: Final = {"TopicArn": "{id}"}
_TOPIC_ATTRIBUTES: Final = Read("GetTopicAttributes", _TOPIC)
_SUBSCRIPTION: Final = {"SubscriptionArn": "{id}"}


def _attribute(name: str, kind: type = str, **more: Any) -> Prop:
    return Prop(name, kind, f"Attributes.{name[0].upper()}{name[1:]}", **more)


def _setter(op: str, key: str) -> Any:
    """A step that sets each changed attribute; one that the program gave up is set to nothing."""

    def run(work: Work) -> None:
        names = work.changed or set(work.inputs)
        for prop in work.row.inputs:
            if prop.name in names and prop.api.startswith("Attributes."):
                value = work.inputs.get(prop.name, "")
                text = str(value).lower() if isinstance(value, bool) else str(value)
                attribute = prop.api.partition(".")[2]
                work.call(op, **{key: work.id}, AttributeName=attribute, AttributeValue=text)

    return run


def _names(props: tuple[Prop, ...]) -> set[str]:
    return {p.name for p in props if p.api.startswith("Attributes.") and not p.replace and not p.output}


_TOPIC_PROPS: Final = (
    Prop("name", replace=True),
    _attribute("displayName"),
    _attribute("fifoTopic", bool, replace=True),
    _attribute("contentBasedDeduplication", bool),
    _attribute("kmsMasterKeyId"),
    _attribute("tracingConfig", computed=True),
    _attribute("signatureVersion", int, computed=True),
    document("policy", "Attributes.Policy", shared=True),
    document("deliveryPolicy", "Attributes.DeliveryPolicy", shared=True),
    *tags(),
    out("arn", api="Attributes.TopicArn"),
    out("owner", api="Attributes.Owner"),
)

TOPIC: Final = Row(
    "aws:sns/topic:Topic",
    "sns",
    _TOPIC_PROPS,
    create=Create("CreateTopic", id="TopicArn"),
    read=(_TOPIC_ATTRIBUTES, Read("ListTagsForResource", {"ResourceArn": "{id}"}, only=frozenset({"tags"}))),
    finish=lambda work, _: {"name": work.id.rpartition(":")[2]},
    steps=(
        on(_names(_TOPIC_PROPS), _setter("SetTopicAttributes", "TopicArn"), after_create=False),
        retag("TagResource", "UntagResource", {"ResourceArn": "{id}"}),
    ),
    delete=Delete("DeleteTopic", _TOPIC),
    name="name",
)


def _put_policy(work: Work) -> str:
    arn = str(work.inputs["arn"])
    policy = work.inputs["policy"]
    work.call("SetTopicAttributes", TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return arn


def _reset_policy(work: Work) -> None:
    """What a topic has by default: its owner may do everything, nobody else anything."""
    from_owner = {"StringEquals": {"AWS:SourceOwner": work.cloud.account_id}}
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in _OWNER_ACTIONS],
        "Resource": work.id,
        "Condition": from_owner,
    }
    policy = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    if _TOPIC_ATTRIBUTES(work) is not None:
        text = json.dumps(policy)
        work.call("SetTopicAttributes", TopicArn=work.id, AttributeName="Policy", AttributeValue=text)


_OWNER_ACTIONS: Final = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)

TOPIC_POLICY: Final = Row(
    "aws:sns/topicPolicy:TopicPolicy",
    "sns",
    (
        Prop("arn", api="Attributes.TopicArn", required=True, replace=True),
        document("policy", "Attributes.Policy", required=True),
        out("owner", api="Attributes.Owner"),
    ),
    create=_put_policy,
    read=(_TOPIC_ATTRIBUTES,),
    steps=(on({"policy"}, _put_policy, after_create=False),),
    delete=_reset_policy,
    id="{arn}",
    delete_first=True,
)


def _whether_confirmed(_: Work, found: Props) -> Props:
    pending = bool(found.get("pendingConfirmation"))
    return {"confirmationWasAuthenticated": not pending and bool(found.get("confirmationWasAuthenticated"))}


_SUBSCRIPTION_PROPS: Final = (
    Prop("topic", api="TopicArn|Attributes.TopicArn", required=True, replace=True),
    Prop("protocol", api="Protocol|Attributes.Protocol", required=True, replace=True),
    Prop("endpoint", api="Endpoint|Attributes.Endpoint", required=True, replace=True),
    _attribute("rawMessageDelivery", bool, default=False),
    document("filterPolicy", "Attributes.FilterPolicy"),
    _attribute("filterPolicyScope", computed=True),
    document("redrivePolicy", "Attributes.RedrivePolicy"),
    document("deliveryPolicy", "Attributes.DeliveryPolicy"),
    _attribute("subscriptionRoleArn"),
    out("arn", api="Attributes.SubscriptionArn"),
    out("ownerId", api="Attributes.Owner"),
    out("pendingConfirmation", bool, "Attributes.PendingConfirmation"),
    out("confirmationWasAuthenticated", bool, "Attributes.ConfirmationWasAuthenticated"),
)

TOPIC_SUBSCRIPTION: Final = Row(
    "aws:sns/topicSubscription:TopicSubscription",
    "sns",
    _SUBSCRIPTION_PROPS,
    create=Create("Subscribe", id="SubscriptionArn", by={"ReturnSubscriptionArn": True}),
    read=(Read("GetSubscriptionAttributes", _SUBSCRIPTION),),
    finish=_whether_confirmed,
    steps=(
        on(
            _names(_SUBSCRIPTION_PROPS),
            _setter("SetSubscriptionAttributes", "SubscriptionArn"),
            after_create=False,
        ),
    ),
    delete=Delete("Unsubscribe", _SUBSCRIPTION),
)

ROWS: Final = (TOPIC, TOPIC_POLICY, TOPIC_SUBSCRIPTION)
