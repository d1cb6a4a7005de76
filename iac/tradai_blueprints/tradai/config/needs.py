"""What a workload needs of the platform: the stores, services, queues and workflows that it uses.

One row gives its environment variables, its rights and the network flows between it and the rest. Must never hold an
ARN or an address: those are outputs, and the layer resolves them.
"""

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field

from tradai_iac.base import Frozen

QueueName = Literal["backtest", "retraining", "dead-letter"]
TopicName = Literal["alerts", "registration"]
WorkflowName = Literal["backtest", "retraining"]
ItemCall = Literal[
    "BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"
]
ObjectCall = Literal["DeleteObject", "GetObject", "ListBucket", "PutObject"]
TaskCall = Literal["DescribeTasks", "ListTasks", "RunTask", "StopTask"]

#: What "runs tasks" means where a row does not say it more narrowly.
EVERY_TASK_CALL: Final[tuple[TaskCall, ...]] = ("DescribeTasks", "ListTasks", "RunTask", "StopTask")


class Needs(Frozen):
    """Names of what a workload uses; tables and buckets as in 002 §3, secrets as in 002 §8.

    `services` are called by their address, `functions` and `workflows` are started, `database` is the PostgreSQL
    instance, `workflows` has at most one, as 002 §2.4 has one
    variable for it; `hears` are topics whose messages start it, `follows` workflows whose executions it looks at.
    `runs_tasks` means starting, listing and stopping strategy tasks, `reads_state` the Pulumi state, `standing` to be
    told which services are meant to run.

    Tables and buckets by their names alone may be read and written; a mapping says which of AWS's calls are made of
    each, `{"workflow-state": ("GetItem", "UpdateItem")}`, and nothing else is allowed; so do the calls of `runs_tasks`.
    Functions say them all, and their tests hold them to it.
    """

    tables: tuple[str, ...] | Mapping[str, tuple[ItemCall, ...]] = ()
    buckets: tuple[str, ...] | Mapping[str, tuple[ObjectCall, ...]] = ()
    services: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    sends: tuple[QueueName, ...] = ()
    consumes: tuple[QueueName, ...] = ()
    topics: tuple[TopicName, ...] = ()
    hears: tuple[TopicName, ...] = ()
    functions: tuple[str, ...] = ()
    workflows: tuple[WorkflowName, ...] = Field(default=(), max_length=1)
    follows: tuple[WorkflowName, ...] = ()
    database: bool = False
    runs_tasks: bool | tuple[TaskCall, ...] = False
    reads_state: bool = False
    standing: bool = False

    @property
    def task_calls(self) -> tuple[TaskCall, ...]:
        """What is asked of ECS."""
        if isinstance(self.runs_tasks, bool):
            return EVERY_TASK_CALL if self.runs_tasks else ()
        return self.runs_tasks


NOTHING = Needs()
