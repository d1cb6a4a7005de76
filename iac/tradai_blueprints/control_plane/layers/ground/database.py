"""PostgreSQL under kine: every resource that anybody applies is in it.

Must never be reachable from outside the VPC, take a connection without TLS, nor go in a protected stage without a final
snapshot.
"""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.control_plane.config import GroundConfig
from tradai_blueprints.control_plane.context import Context
from tradai_blueprints.control_plane.layers.ground.network import Ground
from tradai_blueprints.control_plane.settings import DATABASE_PORT
from tradai_iac.core.component import Component

_COMPONENT: Final = "database"
#: RDS has no smaller disk that grows by itself; what it may grow to is this many times the first size.
_GROWTH: Final = 5


@dataclass(frozen=True)
class DatabaseArgs:
    """What people set, where it stands, and the group that lets the task in."""

    config: GroundConfig
    context: Context
    ground: Ground
    group_id: pulumi.Input[str]


class Database(Component):
    """`instance`; its password is made, kept and rotated by RDS itself, and `secret_arn` is where."""

    def __init__(self, name: str, args: DatabaseArgs) -> None:
        super().__init__("ground:Database", name)
        self._args, self._naming = args, args.context.naming
        self.instance = self._instance(self._subnets(), self._parameters())
        self.secret_arn = self.instance.master_user_secrets[0].secret_arn
        aws.secretsmanager.SecretRotation(
            _COMPONENT,
            secret_id=self.secret_arn,
            rotate_immediately=False,
            rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(
                automatically_after_days=args.context.settings.postgres.rotation_days
            ),
            opts=self.child(retain_on_delete=True),  # the secret goes with its database: nobody but RDS ends it
        )
        self.register_outputs({"endpoint": self.instance.endpoint})

    def _subnets(self) -> aws.rds.SubnetGroup:
        return aws.rds.SubnetGroup(
            _COMPONENT,
            name=self._naming.name(_COMPONENT),
            description="Database of the control plane",
            subnet_ids=list(self._args.ground.database_subnet_ids),
            opts=self.child(),
        )

    def _parameters(self) -> aws.rds.ParameterGroup:
        postgres = self._args.context.settings.postgres
        return aws.rds.ParameterGroup(
            _COMPONENT,
            name=self._naming.name(postgres.family),
            description="Demands TLS of every connection",
            family=postgres.family,
            parameters=[aws.rds.ParameterGroupParameterArgs(name="rds.force_ssl", value="1", apply_method="immediate")],
            opts=self.child(),
        )

    def _instance(self, subnets: aws.rds.SubnetGroup, parameters: aws.rds.ParameterGroup) -> aws.rds.Instance:
        """Minor versions go away, and AWS moves an instance off one that does: that is neither a change nor drift."""
        config, context = self._args.config, self._args.context
        postgres, stage = context.settings.postgres, context.settings.stage
        return aws.rds.Instance(
            _COMPONENT,
            identifier=self._naming.name(_COMPONENT, kind="rds-instance"),
            engine="postgres",
            engine_version=postgres.version,
            auto_minor_version_upgrade=False,
            instance_class=config.instance_class,
            allocated_storage=config.storage_gb,
            max_allocated_storage=config.storage_gb * _GROWTH,
            storage_type="gp3",
            storage_encrypted=True,
            db_name=postgres.name,
            username=postgres.user,
            manage_master_user_password=True,
            port=DATABASE_PORT,
            db_subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            vpc_security_group_ids=[self._args.group_id],
            publicly_accessible=False,
            multi_az=config.multi_az,
            backup_retention_period=config.backup_days,
            copy_tags_to_snapshot=True,
            apply_immediately=True,
            deletion_protection=stage.deletion_protection,
            skip_final_snapshot=not stage.keep_data,
            final_snapshot_identifier=self._final_snapshot() if stage.keep_data else None,
            opts=self.child(ignore_changes=["engineVersion"]),
        )

    def _final_snapshot(self) -> pulumi.Output[str]:
        """Its name has the VPC's id: what is made and destroyed anew must not hit its own old snapshot."""
        vpc = pulumi.Output.from_input(self._args.ground.vpc_id)
        return vpc.apply(lambda id_: self._naming.name(_COMPONENT, f"final-{id_}"))
