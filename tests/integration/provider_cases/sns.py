"""Topics, their policies and subscriptions."""

import json
from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _topic(aws: Aws, state: Props) -> Any:
    found = aws("sns").get_topic_attributes(TopicArn=state["id"])["Attributes"]
    tags = aws("sns").list_tags_for_resource(ResourceArn=state["id"])["Tags"]
    return {"shown": found["DisplayName"], "tags": {t["Key"]: t["Value"] for t in tags}}


def _policy(action: str) -> str:
    principal = {"Service": "events.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _action(aws: Aws, state: Props) -> Any:
    found = aws("sns").get_topic_attributes(TopicArn=state["id"])["Attributes"]
    return json.loads(found["Policy"])["Statement"][0]["Action"]


def _subscription(aws: Aws, state: Props) -> Any:
    found = aws("sns").get_subscription_attributes(SubscriptionArn=state["id"])["Attributes"]
    return [found["Protocol"], found["Endpoint"], found["RawMessageDelivery"]]


CASES: Final = (
    Case(
        "sns.topic",
        "aws:sns/topic:Topic",
        {"name": "case-topic", "display_name": "one", "tags": {"a": "1"}},
        _topic,
        {"shown": "one", "tags": {"a": "1"}},
        update={"display_name": "two", "tags": {"b": "2"}},
        updated={"shown": "two", "tags": {"b": "2"}},
        meddle=lambda aws, state: aws("sns").set_topic_attributes(
            TopicArn=state["id"], AttributeName="DisplayName", AttributeValue="three"
        ),
        drifted=frozenset({"displayName"}),
        replace={"name": "case-topic-2"},
    ),
    Case(
        "sns.policy",
        "aws:sns/topicPolicy:TopicPolicy",
        {"arn": Ref("sns.topic", "arn"), "policy": _policy("sns:Publish")},
        _action,
        "sns:Publish",
        update={"policy": _policy("sns:Subscribe")},
        updated="sns:Subscribe",
        meddle=lambda aws, state: aws("sns").set_topic_attributes(
            TopicArn=state["id"], AttributeName="Policy", AttributeValue=_policy("sns:GetTopicAttributes")
        ),
        drifted=frozenset({"policy"}),
    ),
    Case(
        "sns.mail",
        "aws:sns/topicSubscription:TopicSubscription",
        {"topic": Ref("sns.topic", "arn"), "protocol": "email", "endpoint": "someone@example.com"},
        _subscription,
        ["email", "someone@example.com", "false"],
        replace={"endpoint": "someone.else@example.com"},
    ),
    Case(
        "sns.queue",
        "aws:sns/topicSubscription:TopicSubscription",
        {
            "topic": Ref("sns.topic", "arn"),
            "protocol": "sqs",
            "endpoint": Ref("sqs.queue", "arn"),
            "filter_policy": json.dumps({"kind": ["first"]}),
        },
        _subscription,
        ["sqs", "arn:aws:sqs:eu-central-1:123456789012:case-queue", "false"],
        update={"raw_message_delivery": True},
        updated=["sqs", "arn:aws:sqs:eu-central-1:123456789012:case-queue", "true"],
        meddle=lambda aws, state: aws("sns").set_subscription_attributes(
            SubscriptionArn=state["id"], AttributeName="RawMessageDelivery", AttributeValue="false"
        ),
        drifted=frozenset({"rawMessageDelivery"}),
    ),
)
