"""The container-image functions of compute under mocks, apart from the rest of their layer.

Must never assert anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pulumi

from tests.unit.iac.frozen import frozen
from tests.unit.iac.pulumi_mocks import Run, context_for, run_program
from tests.unit.iac.upstream_outputs import ACCOUNT, arn, compute_inputs
from tradai_blueprints.tradai.config import settings_for
from tradai_blueprints.tradai.config.lambdas import LambdaFunction
from tradai_blueprints.tradai.config.overrides import ComputeConfig, DriftRunner
from tradai_blueprints.tradai.context import Context
from tradai_blueprints.tradai.contracts.compute import ComputeInputs
from tradai_blueprints.tradai.layers.compute.lambda_funcs import LambdaFunctions, in_two
from tradai_blueprints.tradai.layers.compute.orchestration import functions_args
from tradai_blueprints.tradai.layers.compute.wiring import Database, Exported, Tasks, Wiring

SETTINGS = settings_for("dev")
WORKFLOWS = {name: arn("states", f"stateMachine:tradai-{name}-workflow-dev") for name in ("backtest", "retraining")}
ROLES = [f"arn:aws:iam::{ACCOUNT}:role/tradai-{role}-dev" for role in ("ecs-execution", "strategy-container-task")]
STATE_BUCKET = "tradai-pulumi-state-dev"
#: The task that looks for drift, where one is configured.
LOOK = arn("ecs", "task-definition/tradai-look:1")


@dataclass(frozen=True)
class Made:
    """What the functions hand on."""

    arns: Mapping[str, pulumi.Output[str]]


def deployed(environment: str = "dev") -> Run:
    """All seventeen, as they are without any configuration."""
    return _deployed(environment)


@cache
def with_all_options() -> Run:
    """The same with everything configured that gives functions more rights."""
    look = {"task_definition": LOOK, "roles": [f"arn:aws:iam::{ACCOUNT}:role/tradai-look"]}
    return frozen(declare(config=ComputeConfig(drift_runner=DriftRunner.model_validate(look))))


@cache
def _deployed(environment: str) -> Run:
    return frozen(declare(environment))


def declare(
    environment: str = "dev",
    config: ComputeConfig | None = None,
    *,
    images: Mapping[str, str] | None = None,
    rows: Iterable[LambdaFunction] = SETTINGS.lambdas,
    workflows: Mapping[str, str] | None = None,
) -> Run:
    """The functions of those rows, made in two goes; `images` and `workflows` stand in for what there is by default."""

    def program(typed: ComputeConfig, context: Context, inputs: ComputeInputs) -> Made:
        bare = wiring(inputs)
        whole = replace(bare, workflows=WORKFLOWS if workflows is None else workflows)
        first, deferred = in_two(rows)
        made = [
            LambdaFunctions(name, functions_args(typed, context, inputs, wired, going))
            for name, going, wired in (("functions", first, bare), ("deferred", deferred, whole))
        ]
        return Made(made[0].arns | made[1].arns)  # type: ignore[operator]

    context = context_for(environment)
    given = context if images is None else replace(context, images=images)
    return run_program(program, config or ComputeConfig(), given, compute_inputs())


def wiring(inputs: ComputeInputs) -> Wiring:
    """Everything that upstream exports, services by their names, and no workflow yet."""
    persistent, foundation = inputs.persistent, inputs.foundation
    return Wiring(
        environment="dev",
        bucket_ids=_exported(persistent.s3_bucket_ids),
        bucket_arns=_exported(persistent.s3_bucket_arns),
        table_names=_exported(persistent.dynamodb_table_names),
        table_arns=_exported(persistent.dynamodb_table_arns),
        secret_arns=_exported(foundation.secret_arns),
        services={s.name: f"http://{s.name}.tradai-dev.local:{s.port}" for s in SETTINGS.services if s.port},
        queue_urls={
            "backtest": foundation.backtest_queue_url,
            "retraining": foundation.retraining_queue_url,
            "dead-letter": foundation.backtest_dlq_url,
        },
        queue_arns={
            "backtest": foundation.backtest_queue_arn,
            "retraining": foundation.retraining_queue_arn,
            "dead-letter": foundation.backtest_dlq_arn,
        },
        topic_arns={"alerts": foundation.sns_alerts_topic_arn, "registration": foundation.sns_registration_topic_arn},
        database=Database(
            endpoint=foundation.rds_endpoint, name=foundation.rds_database_name, secret_arn=foundation.rds_secret_arn
        ),
        tasks=Tasks(
            cluster_arn=arn("ecs", "cluster/tradai-cluster-dev"),
            definition_arn=arn("ecs", "task-definition/strategy-dev:1"),
            family_arn=arn("ecs", "task-definition/strategy-dev"),
            role_arns=ROLES,
            subnet_ids=foundation.private_subnet_ids,
            security_group_id=foundation.ecs_security_group_id,
        ),
        state_bucket=STATE_BUCKET,
    )


def _exported(value: Any) -> Exported:
    return pulumi.Output.from_input(value)
