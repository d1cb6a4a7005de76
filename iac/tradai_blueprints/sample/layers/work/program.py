"""The sample's work: a topic, queues whose failures go to one more queue, and a secret.

Must never hold a name: `naming` does.
"""

import pulumi
import pulumi_aws as aws

from tradai_blueprints.sample.config import WorkConfig
from tradai_blueprints.sample.context import Context
from tradai_blueprints.sample.contracts import WorkInputs, WorkOutputs
from tradai_iac.core.component import Component

_ATTEMPTS = 3
#: The secret's name in the configuration, and its component.
_TOKEN = "token"  # noqa: S105 - a name


def program(config: WorkConfig, context: Context, inputs: WorkInputs) -> WorkOutputs:
    """Declare the whole layer."""
    work = Work("work", config, context, inputs)
    return WorkOutputs(
        topic_arn=work.topic.arn,
        queue_urls=[queue.url for queue in work.queues],
        token=context.secrets.get(_TOKEN),
    )


class Work(Component):
    """`topic`, `dead_letters`, `queues`, and the secret where it has a value."""

    def __init__(self, name: str, config: WorkConfig, context: Context, inputs: WorkInputs) -> None:
        super().__init__("work:Work", name)
        naming = context.naming
        self.topic = aws.sns.Topic(
            "news", name=naming.name("news"), display_name=config.note or None, opts=self.child()
        )
        self.dead_letters = aws.sqs.Queue(
            "dead-letters",
            name=naming.name("dead-letters", kind="sqs-queue"),
            sqs_managed_sse_enabled=True,
            tags={"Table": inputs.store.table_name, "Bucket": inputs.store.bucket_name},
            opts=self.child(),
        )
        redrive = pulumi.Output.json_dumps({"deadLetterTargetArn": self.dead_letters.arn, "maxReceiveCount": _ATTEMPTS})
        self.queues = [self._queue(f"queue-{number}", context, redrive) for number in range(1, config.queues + 1)]
        self._keep_token(context)
        self.register_outputs({"topic": self.topic.arn})

    def _queue(self, component: str, context: Context, redrive: pulumi.Output[str]) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            component,
            name=context.naming.name(component, kind="sqs-queue"),
            redrive_policy=redrive,
            sqs_managed_sse_enabled=True,
            opts=self.child(),
        )

    def _keep_token(self, context: Context) -> None:
        if (value := context.secrets.get(_TOKEN)) is None:
            return
        secret = aws.secretsmanager.Secret(
            _TOKEN, name=context.naming.path(_TOKEN), recovery_window_in_days=0, opts=self.child()
        )
        aws.secretsmanager.SecretVersion(_TOKEN, secret_id=secret.id, secret_string=value, opts=self.child())
