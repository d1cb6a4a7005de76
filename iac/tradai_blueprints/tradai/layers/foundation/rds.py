"""PostgreSQL for MLflow's metadata (002 §3.3; 001 §5; 000 IS002).

Must never be reachable from outside the VPC, nor go in a protected environment without a final snapshot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.environments import Stage
from tradai_blueprints.tradai.config.storage import Rds
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming

_COMPONENT: Final = "database"


@dataclass(frozen=True)
class DatabaseArgs:
    """What is the same everywhere (`rds`), what the environment says (`stage`), and where it stands.

    `version` is what the spec asks for; without one a new instance gets the documented version, and keeps what it has.
    """

    naming: Naming
    rds: Rds
    stage: Stage
    vpc_id: pulumi.Output[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    version: str | None = None


class Database(Component):
    """`instance`; its master password is made, kept and rotated by RDS itself, and `secret_arn` is where."""

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:Database", name, opts)
        self._args = args
        self.instance = self._instance(self._subnet_group(), self._parameter_group())
        self.secret_arn = self.instance.master_user_secrets[0].secret_arn
        self.register_outputs({"endpoint": self.instance.endpoint, "secret_arn": self.secret_arn})

    def _subnet_group(self) -> aws.rds.SubnetGroup:
        return aws.rds.SubnetGroup(
            _COMPONENT,
            name=self._args.naming.name(_COMPONENT),
            description="Database subnets",
            subnet_ids=list(self._args.subnet_ids),
            opts=self.child(),
        )

    def _parameter_group(self) -> aws.rds.ParameterGroup:
        """Its name has the family: a new major version needs a new group beside the one in use."""
        row = self._args.rds
        parameter = aws.rds.ParameterGroupParameterArgs(
            name="rds.force_ssl", value=row.force_ssl, apply_method="immediate"
        )
        return aws.rds.ParameterGroup(
            _COMPONENT,
            name=self._args.naming.name(row.parameter_family),
            description="Demands TLS of every connection",
            family=row.parameter_family,
            parameters=[parameter],
            opts=self.child(),
        )

    def _instance(self, subnets: aws.rds.SubnetGroup, parameters: aws.rds.ParameterGroup) -> aws.rds.Instance:
        """Changes apply at once, so that Ready says what is.

        Minor versions go away, and AWS moves an instance off one that does: that is neither a change nor drift, unless
        the spec names a version.
        """
        row, stage, version = self._args.rds, self._args.stage, self._args.version
        return aws.rds.Instance(
            _COMPONENT,
            identifier=self._args.naming.name(_COMPONENT, kind="rds-instance"),
            engine=row.engine,
            engine_version=version or row.engine_version,
            auto_minor_version_upgrade=False,
            instance_class=stage.rds_instance_class,
            allocated_storage=stage.rds_storage_gb,
            storage_type=row.storage_type,
            storage_encrypted=True,
            db_name=row.database_name,
            username=row.username,
            manage_master_user_password=True,
            port=row.port,
            db_subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            vpc_security_group_ids=[self._args.security_group_id],
            publicly_accessible=row.publicly_accessible,
            multi_az=stage.rds_multi_az,
            backup_retention_period=stage.rds_backup_retention_days,
            copy_tags_to_snapshot=True,
            apply_immediately=True,
            deletion_protection=stage.deletion_protection,
            skip_final_snapshot=not stage.keep_data,
            final_snapshot_identifier=self._final_snapshot() if stage.keep_data else None,
            opts=self.child(ignore_changes=None if version else ["engineVersion"]),
        )

    def _final_snapshot(self) -> pulumi.Output[str]:
        """Its name has the VPC's id: an environment made and destroyed anew must not hit its own old snapshot."""
        naming = self._args.naming
        return self._args.vpc_id.apply(lambda vpc: naming.name(_COMPONENT, f"final-{vpc}"))
