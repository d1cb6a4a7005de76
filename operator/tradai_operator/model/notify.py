"""Where people are told of what waits for them or needs them: `spec.notify`.

Must never hold an address that is secret: such a one is named, and read where it is used.
"""

from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, model_validator

from tradai_iac.base import Manifest, worded
from tradai_iac.secret_refs import SecretKeyRef
from tradai_operator.model.rules import rule, schema

_ONE: Final = "set exactly one of topicArn, webhookUrl and webhookSecretRef"
_SIGNED: Final = "remove signingSecretRef, or set webhookUrl or webhookSecretRef: only what a webhook gets is signed"

TopicArn = Annotated[
    str,
    worded(
        r"^arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$",
        "write the whole ARN of an SNS topic, like arn:aws:sns:eu-central-1:123456789012:approvals",
        512,
    ),
]
WebhookUrl = Annotated[
    str,
    worded(
        r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^ #]*)?$",
        "write an address that starts with https://; one that is secret goes into a Secret (webhookSecretRef)",
        2048,
    ),
]


class Notify(Manifest):
    """Where people are told of plans that wait, layers that stand still, and an end that comes near."""

    model_config = ConfigDict(
        json_schema_extra=schema(
            rule(
                "[has(self.topicArn), has(self.webhookUrl), has(self.webhookSecretRef)].filter(x, x).size() == 1", _ONE
            ),
            rule("!has(self.signingSecretRef) || !has(self.topicArn)", _SIGNED),
        )
    )

    topic_arn: TopicArn | None = Field(default=None, description="SNS topic that gets the message.")
    webhook_url: WebhookUrl | None = Field(default=None, description="Address that gets the message by POST, as JSON.")
    webhook_secret_ref: SecretKeyRef | None = Field(
        default=None, description="Secret and key, in this namespace, with such an address where it is secret itself."
    )

    signing_secret_ref: SecretKeyRef | None = Field(
        default=None,
        description="Secret and key, in this namespace, that what a webhook gets is signed with (Standard Webhooks).",
    )

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(found is not None for found in (self.topic_arn, self.webhook_url, self.webhook_secret_ref)) != 1:
            raise ValueError(_ONE)
        if self.signing_secret_ref and self.topic_arn:
            raise ValueError(_SIGNED)
        return self
