"""Queues and topics (002 §6; 001 §5 sns.py); reads attributes, never a message."""

from __future__ import annotations

import json

from tests.documents.live import Facts, Live, one, tags_of


def queue(live: Live, name: str) -> Facts:
    """FIFO, deduplication, times (s), redrive and tags of a queue."""
    sqs = live.clients("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    redrive = json.loads(attributes.get("RedrivePolicy", "{}"))
    return {
        "fifo": attributes.get("FifoQueue") == "true",
        "content-based deduplication": attributes.get("ContentBasedDeduplication") == "true",
        "visibility timeout": int(attributes["VisibilityTimeout"]),
        "message retention": int(attributes["MessageRetentionPeriod"]),
        "receive wait time": int(attributes["ReceiveMessageWaitTimeSeconds"]),
        "dead letters go to": redrive.get("deadLetterTargetArn", "").rsplit(":", 1)[-1],
        "max receive count": int(redrive.get("maxReceiveCount", 0)),
        "tags": sqs.list_queue_tags(QueueUrl=url).get("Tags", {}),
    }


def topic(live: Live, name: str) -> Facts:
    """Existence, the sources whose events reach it by rule, and tags of a topic."""
    arns = [item["TopicArn"] for item in live.pages("sns", "list_topics", "Topics")]
    arn = one([arn for arn in arns if arn.rsplit(":", 1)[1] == name], f"topics {name}")
    tags = live.clients("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]
    return {"exists": True, "hears of": _sources(live, arn), "tags": tags_of(tags)}


def _sources(live: Live, arn: str) -> list[str]:
    rules = live.pages("events", "list_rule_names_by_target", "RuleNames", TargetArn=arn)
    patterns = [live.clients("events").describe_rule(Name=rule).get("EventPattern", "{}") for rule in rules]
    return sorted({source for pattern in patterns for source in json.loads(pattern).get("source", [])})
