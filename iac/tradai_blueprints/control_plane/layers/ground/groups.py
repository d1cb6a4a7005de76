"""Who may speak to whom: the task to database and AWS, a run to AWS alone; nobody to either.

Must never let anybody in from outside: a load balancer brings its own rule, where there is one.
"""

from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.control_plane.context import Context
from tradai_blueprints.control_plane.settings import ANYWHERE, DATABASE_PORT, HTTPS_PORT
from tradai_iac.core.component import Component

_PURPOSES: Final = {
    "task": "The control plane",
    "runner": "Runs of environments",
    "database": "The database of the control plane",
}


class Groups(Component):
    """`task`, `runner` and `database`, by id."""

    def __init__(self, name: str, vpc_id: pulumi.Input[str], context: Context) -> None:
        super().__init__("ground:Groups", name)
        groups = {each: self._group(each, vpc_id, context) for each in _PURPOSES}
        self.task, self.runner, self.database = (groups[each].id for each in _PURPOSES)
        for each in ("task", "runner"):
            self._egress(f"{each}-aws", groups[each].id, HTTPS_PORT, cidr=ANYWHERE, why="AWS's own API")
        self._egress("task-database", self.task, DATABASE_PORT, group=self.database, why="the database")
        aws.vpc.SecurityGroupIngressRule(
            "database-task",
            security_group_id=self.database,
            description="the control plane",
            ip_protocol="tcp",
            from_port=DATABASE_PORT,
            to_port=DATABASE_PORT,
            referenced_security_group_id=self.task,
            opts=self.child(),
        )
        self.register_outputs({"task": self.task})

    def _group(self, component: str, vpc_id: pulumi.Input[str], context: Context) -> aws.ec2.SecurityGroup:
        name = context.naming.name(component)
        return aws.ec2.SecurityGroup(
            component,
            name=name,
            description=_PURPOSES[component],
            vpc_id=vpc_id,
            revoke_rules_on_delete=True,
            tags={"Name": name},
            opts=self.child(),
        )

    def _egress(
        self,
        name: str,
        of: pulumi.Input[str],
        port: int,
        *,
        why: str,
        cidr: str | None = None,
        group: pulumi.Input[str] | None = None,
    ) -> None:
        aws.vpc.SecurityGroupEgressRule(
            name,
            security_group_id=of,
            description=why,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_ipv4=cidr,
            referenced_security_group_id=group,
            opts=self.child(),
        )
