"""The ground: network, security groups, database, the authority's secret, the topic of the alarms.

Must never hold a name: `naming` does.
"""

from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.control_plane.config import GroundConfig
from tradai_blueprints.control_plane.context import Context
from tradai_blueprints.control_plane.contracts import GroundInputs, GroundOutputs
from tradai_blueprints.control_plane.layers.ground.alarms import DatabaseAlarms, Topic
from tradai_blueprints.control_plane.layers.ground.database import Database, DatabaseArgs
from tradai_blueprints.control_plane.layers.ground.groups import Groups
from tradai_blueprints.control_plane.layers.ground.network import ground_of
from tradai_iac.core.component import Component

_AUTHORITY: Final = "authority"


def program(
    config: GroundConfig,
    context: Context,
    inputs: GroundInputs,  # noqa: ARG001 - every layer's program has this shape
) -> GroundOutputs:
    """Declare the whole layer."""
    ground = ground_of(config, context)
    groups = Groups("groups", ground.vpc_id, context)
    database = Database("database", DatabaseArgs(config, context, ground, groups.database))
    topic = Topic("alarms", config.alert_emails, context)
    DatabaseAlarms("database-alarms", config, database.instance.identifier, topic.topic.arn, context)
    return GroundOutputs(
        vpc_id=ground.vpc_id,
        task_subnet_ids=ground.task_subnet_ids,
        public_addresses=ground.public_addresses,
        task_group_id=groups.task,
        runner_group_id=groups.runner,
        database_host=database.instance.endpoint.apply(lambda found: found.rpartition(":")[0]),
        database_secret_arn=database.secret_arn,
        database_id=database.instance.identifier,
        authority_secret_arn=Authority("authority", context).secret.arn,
        topic_arn=topic.topic.arn,
    )


class Authority(Component):
    """`secret`, empty: the init step puts the authority into it, and whatever it signs."""

    def __init__(self, name: str, context: Context) -> None:
        stage = context.settings.stage
        super().__init__("ground:Authority", name, pulumi.ResourceOptions(protect=stage.deletion_protection))
        self.secret = aws.secretsmanager.Secret(
            _AUTHORITY,
            name=context.naming.path(_AUTHORITY),
            description="Certificate authority and keys of the control plane",
            recovery_window_in_days=stage.recovery_days,
            opts=self.child(),
        )
        self.register_outputs({"arn": self.secret.arn})
