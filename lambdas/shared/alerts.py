"""Messages on the topic of alerts: a subject and sentences for people, attributes for machines.

Must never take a message for told that SNS did not take.
"""

from shared import clients

#: SNS's limits of a subject, in characters of ASCII.
_SUBJECT = 100
_BODY = 16_000


class Alerts:
    """The topic of one environment."""

    def __init__(self, topic_arn: str, environment: str) -> None:
        self._topic, self._environment = topic_arn, environment

    def tell(self, kind: str, subject: str, *sentences: str, **more: str) -> str:
        """Publish one message and give its id; `more` are attributes for machines. Raises what botocore raises."""
        attributes = {"kind": kind, "environment": self._environment, **more}
        published = clients.client("sns").publish(
            TopicArn=self._topic,
            Subject=subject_of(f"[{self._environment}] {subject}"),
            Message="\n".join(sentences)[:_BODY] or subject,
            MessageAttributes={name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()},
        )
        return str(published["MessageId"])


def subject_of(text: str) -> str:
    """What SNS takes as a subject: printable ASCII, at most 100 characters."""
    plain = "".join(each if " " <= each <= "~" else "?" for each in text)
    return plain if len(plain) <= _SUBJECT else f"{plain[: _SUBJECT - 3]}..."
