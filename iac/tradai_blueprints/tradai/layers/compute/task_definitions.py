"""One task definition a service (002 §2.2), in every environment: also what the instance runs can be started as a task.

Must never name an image by its tag: a definition's tasks are all alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.services import Service
from tradai_blueprints.tradai.layers.compute.containers import ContainerArgs, LaunchMode, definitions, variables
from tradai_blueprints.tradai.layers.compute.images import Repositories, image_uri
from tradai_blueprints.tradai.layers.compute.wiring import Wiring
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming
from tradai_iac.tags import SERVICE_TAG


@dataclass(frozen=True, kw_only=True)
class TaskDefinitionsArgs:
    """What definitions refer to, by service where there is one each; `digests` by image (`config.images`)."""

    naming: Naming
    region: str
    services: Sequence[Service]
    repositories: Repositories
    digests: Mapping[str, str]
    log_groups: Mapping[str, pulumi.Input[str]]
    execution_role_arn: pulumi.Input[str]
    task_role_arns: Mapping[str, pulumi.Input[str]]
    wiring: Wiring
    launch_mode: LaunchMode


class TaskDefinitions(Component):
    """`definitions` by service; raises KeyError for an image without digest."""

    def __init__(self, name: str, args: TaskDefinitionsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:TaskDefinitions", name, opts)
        self.definitions: Mapping[str, aws.ecs.TaskDefinition] = {
            service.name: self._definition(service, args) for service in args.services
        }
        self.register_outputs({"arns": self.arns})

    @property
    def arns(self) -> Mapping[str, pulumi.Output[str]]:
        """Service → ARN of the newest revision."""
        return {name: definition.arn for name, definition in self.definitions.items()}

    def _definition(self, service: Service, args: TaskDefinitionsArgs) -> aws.ecs.TaskDefinition:
        return aws.ecs.TaskDefinition(
            service.name,
            family=family(args.naming, service.name),
            cpu=str(service.cpu),
            memory=str(service.memory_mb),
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture="X86_64", operating_system_family="LINUX"
            ),
            execution_role_arn=args.execution_role_arn,
            task_role_arn=args.task_role_arns[service.name],
            container_definitions=definitions(service, _container(service, args)),
            tags={SERVICE_TAG: service.name},
            opts=self.child(),
        )


def family(naming: Naming, service: str) -> str:
    """The family of a service's definitions.

    The strategy container's is `tradai-strategy-container-{env}`: ECS_TASK_PREFIX (002 §2.4) begins the component, and
    002 §9.1 puts project and environment around it.
    """
    return naming.name(service, kind="task-definition")


def family_arn(naming: Naming, service: str, *, account_id: str, region: str) -> str:
    """ARN of a family without a revision, by which ECS runs its newest.

    It is spelled and not asked for, so that what starts tasks can be made before them and changes with none of them.
    """
    return f"arn:aws:ecs:{region}:{account_id}:task-definition/{family(naming, service)}"


def _container(service: Service, args: TaskDefinitionsArgs) -> ContainerArgs:
    given = variables(service, args.wiring, region=args.region, launch_mode=args.launch_mode)
    return ContainerArgs(
        image=image_uri(service.image, args.repositories, args.digests),
        variables=given.build_list(),
        log_group=args.log_groups[service.name],
        region=args.region,
    )
