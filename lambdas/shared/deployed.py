"""What is deployed, as the configuration's models say it: tables with their keys and indexes, metrics, functions.

`deployed.json` is generated from the configuration (`just generate`). Must never have a name or a key of its own.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from shared.base import Frozen


class IndexShape(Frozen):
    """Keys of a global secondary index; `included` are the attributes that it has beside keys, None for all."""

    hash_key: str
    range_key: str | None
    included: tuple[str, ...] | None


class TableShape(Frozen):
    """Keys of a table (002 §3.2); `ttl` is the attribute that expires an item, None where items stay."""

    hash_key: str
    range_key: str | None
    ttl: str | None
    indexes: Mapping[str, IndexShape]


class FunctionShape(Frozen):
    """Limits of a function (002 §7): megabytes and seconds."""

    memory_mb: int
    timeout_seconds: int


class MetricNames(Frozen):
    """What alarms and the dashboard read of the platform's own metrics; their one dimension is `dimension`."""

    namespace: str
    dimension: str
    stale_heartbeats: str
    live_strategies: str


class WatchingShape(Frozen):
    """When watchers say that something is wrong, and when that it is well again (`config.watching`)."""

    health_failures: int
    health_successes: int
    health_timeout_seconds: int
    heartbeat_seconds: int
    heartbeat_stale_seconds: int
    heartbeat_start_seconds: int
    heartbeat_successes: int
    orphan_grace_seconds: int
    launch_grace_seconds: int
    queue_grace_seconds: int
    drift_period_seconds: int
    drift_run_seconds: int


class StrategyTask(Frozen):
    """The container that is given a strategy's variables, and where its tasks run (002 §2.2)."""

    container: str
    capacity_provider: str


class WorkflowShape(Frozen):
    """What a workflow's task does, and how long it and the whole may take, in seconds."""

    trading_mode: str
    task_timeout_seconds: int
    timeout_seconds: int


class OverridesShape(Frozen):
    """What ECS takes of a task's overrides, and what of it the workflows' own variables may take, in characters."""

    characters: int
    of_workflows: int


class Deployed(Frozen):
    """The whole file; `stacks` maps each layer to its Pulumi project."""

    project: str
    stacks: Mapping[str, str]
    tables: Mapping[str, TableShape]
    functions: Mapping[str, FunctionShape]
    metrics: MetricNames
    watching: WatchingShape
    health_paths: Mapping[str, str]
    max_receive_count: int
    overrides: OverridesShape
    strategy_task: StrategyTask
    workflows: Mapping[str, WorkflowShape]
    strategy_defaults: Mapping[str, str]
    strategy_variables: Mapping[str, str]


def _read() -> Deployed:
    return Deployed.model_validate(json.loads(Path(__file__).with_suffix(".json").read_text()))


DEPLOYED: Final = _read()
