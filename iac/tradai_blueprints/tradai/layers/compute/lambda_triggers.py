"""What starts a function: a schedule or a queue (002 §7), and a topic. Others are invoked under their callers' roles.

Must never let anything but its own rule or topic invoke a function.
"""

from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.lambdas import LambdaFunction
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming

#: EventBridge's bounds of an event's age, in seconds.
_LEAST_AGE: Final = 60
_MOST_AGE: Final = 86400
#: A cron expression says no period; one that is often leaves a late call no worth after five minutes.
_CRON_AGE: Final = 300
#: EventBridge's most: the age bounds the retries.
_ATTEMPTS: Final = 185
_UNIT_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86400}
#: A FIFO queue's most.
_BATCH_SIZE: Final = 10
#: How many invocations at once a queue may cause; each launches tasks, and FIFO needs one a message group.
_CONCURRENCY: Final = 5


class Schedule(Component):
    """A rule that invokes a function at its times, and the function's leave for that rule alone."""

    def __init__(
        self,
        row: LambdaFunction,
        expression: str,
        function: aws.lambda_.Function,
        naming: Naming,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("compute:Schedule", row.name, opts, service=row.name)
        rule = aws.cloudwatch.EventRule(
            row.name,
            name=naming.name(row.name, kind="event-rule"),
            description=f"When {row.name} runs",
            schedule_expression=expression,
            state="ENABLED",
            opts=self.child(),
        )
        permission = aws.lambda_.Permission(
            row.name,
            statement_id=row.name,
            action="lambda:InvokeFunction",
            function=function.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=self.child(),
        )
        aws.cloudwatch.EventTarget(
            row.name,
            rule=rule.name,
            target_id="function",
            arn=function.arn,
            retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=latest_seconds(expression), maximum_retry_attempts=_ATTEMPTS
            ),
            opts=self.child(depends_on=[permission]),
        )
        self.register_outputs({"rule": rule.arn})


class Hearing(Component):
    """A topic's subscription by a function, and the function's leave for that topic alone."""

    def __init__(
        self,
        row: LambdaFunction,
        topic: str,
        topic_arn: pulumi.Input[str],
        function: aws.lambda_.Function,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = f"{row.name}-{topic}"
        super().__init__("compute:Hearing", name, opts, service=row.name)
        permission = aws.lambda_.Permission(
            name,
            statement_id=name,
            action="lambda:InvokeFunction",
            function=function.name,
            principal="sns.amazonaws.com",
            source_arn=topic_arn,
            opts=self.child(),
        )
        subscription = aws.sns.TopicSubscription(
            name,
            topic=topic_arn,
            protocol="lambda",
            endpoint=function.arn,
            opts=self.child(depends_on=[permission]),
        )
        self.register_outputs({"subscription": subscription.arn})


class Consumption(Component):
    """A mapping of a FIFO queue onto a function, which reports the messages of a batch that it could not do.

    They alone come back, in order; what was launched for those before them is not launched again.
    """

    def __init__(
        self,
        row: LambdaFunction,
        queue_arn: pulumi.Input[str],
        function: aws.lambda_.Function,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("compute:Consumption", row.name, opts, service=row.name)
        mapping = aws.lambda_.EventSourceMapping(
            row.name,
            event_source_arn=queue_arn,
            function_name=function.arn,
            enabled=True,
            batch_size=_BATCH_SIZE,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=_CONCURRENCY),
            opts=self.child(),
        )
        self.register_outputs({"mapping": mapping.arn})


def latest_seconds(expression: str) -> int:
    """How late a call may still come: half the period of a rate, within EventBridge's bounds.

    Raises ValueError for what is neither `rate(…)` nor `cron(…)`.
    """
    kind, _, inner = expression.removesuffix(")").partition("(")
    if kind == "cron":
        return _CRON_AGE
    count, _, unit = inner.partition(" ")
    if kind != "rate" or not count.isdigit() or unit.removesuffix("s") not in _UNIT_SECONDS:
        raise ValueError(f"{expression!r} is no schedule of EventBridge")
    half = int(count) * _UNIT_SECONDS[unit.removesuffix("s")] // 2
    return min(max(half, _LEAST_AGE), _MOST_AGE)
