"""The workflows at one endpoint: a cluster with the strategy task, stand-ins for the functions, executions.

The definitions are those that the component declares; only pauses and the task's limit are shortened. Must never use
the stack programs for anything else: what is looked at is how the definitions run.
"""

import json
import textwrap
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tests.integration.lambda_estate import ROLE, Functions
from tests.unit.iac.workflow_definitions import MACHINE, declare
from tradai_blueprints.tradai.config.lambdas import LAMBDAS

CLUSTER: Final = "workflows"
FAMILY: Final = "strategy"
CONTAINER: Final = "strategy-container"

#: What each function does where a test does not say otherwise: the body of `handle(event, context)`.
STAND_INS: Final = {
    "validate-strategy": "return {'valid': True, 'errors': [], 'request': {**event['defaults'], **event['request']}}",
    "check-retraining-needed": "return {'needed': True, 'request': {**event['defaults'], **event['request']}}",
    "compare-models": "return {'challenger_wins': True, 'metric': 1.5}",
    "promote-model": "return {'version': '7'}",
    "cleanup-resources": """
        import boto3
        ecs, cluster, job = boto3.client("ecs"), event["cluster_arn"], event["request"]["job_id"]
        arns = ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
        for task in ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []:
            (override,) = task["overrides"]["containerOverrides"]
            if {"name": "JOB_ID", "value": job} in override["environment"]:
                ecs.stop_task(cluster=cluster, task=task["taskArn"], reason="cleanup")
    """,
}

Request = Mapping[str, str]
Bodies = Mapping[str, str]
NOTHING_ELSE: Final[Bodies] = {}


@dataclass(frozen=True)
class Told:
    """How an execution went: its end, the states in their order, and the parameters of each state that did work."""

    status: str
    error: str | None
    states: tuple[str, ...]
    parameters: Mapping[str, Any]

    def payload(self, state: str) -> Any:
        """The event that the function of a state was given."""
        return self.parameters[state]["Payload"]


@dataclass
class Workflows:
    """What stands at one endpoint."""

    functions: Functions
    subnet: str = ""
    group: str = ""
    arns: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def __call__(self, service: str) -> Any:
        """The client of a service."""
        return self.functions(service)

    def lay_ground(self) -> None:
        """Network, cluster with Fargate Spot, task definition and the stand-ins."""
        vpc = self("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self("ec2").modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        self.subnet = self("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.11.0/24")["Subnet"]["SubnetId"]
        self.group = self("ec2").create_security_group(GroupName="ecs", Description="ecs", VpcId=vpc)["GroupId"]
        self("ecs").create_cluster(clusterName=CLUSTER, capacityProviders=["FARGATE", "FARGATE_SPOT"])
        self("ecs").register_task_definition(
            family=FAMILY,
            containerDefinitions=[{"name": CONTAINER, "image": "strategy"}],
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="1024",
            memory="2048",
        )
        self.arns = {row.name: self.function(row.name, STAND_INS.get(row.name, "return {}")) for row in LAMBDAS}

    def function(self, name: str, body: str) -> str:
        """The ARN of a new function."""
        code = f"def handle(event, context):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
        arn: str = self.functions.from_code(name, code, Timeout=30)["FunctionArn"]
        return arn

    def run(self, name: str, request: Request, bodies: Bodies = NOTHING_ELSE, limit_s: int = 60) -> Told:
        """A whole execution; `bodies` are other stand-ins, by the names of functions."""
        return self.told(self.start(name, request, bodies, limit_s))

    def start(self, name: str, request: Request, bodies: Bodies = NOTHING_ELSE, limit_s: int = 60) -> str:
        """The ARN of an execution that runs; `limit_s` bounds its task."""
        self.made += 1
        arns = self.arns | {key: self.function(f"{key}-{self.made}", body) for key, body in bodies.items()}
        document = self._definition(name, arns, limit_s)
        machine = self("stepfunctions").create_state_machine(
            name=f"{name}-{self.made}", definition=json.dumps(document), roleArn=ROLE
        )["stateMachineArn"]
        started = self("stepfunctions").start_execution(
            stateMachineArn=machine, name=f"{name}-{self.made}", input=json.dumps(request)
        )
        execution: str = started["executionArn"]
        return execution

    def _definition(self, name: str, arns: Mapping[str, str], limit_s: int) -> Any:
        cluster = self("ecs").describe_clusters(clusters=[CLUSTER])["clusters"][0]["clusterArn"]
        declared = declare(
            function_arns=arns,
            cluster_arn=cluster,
            family_arn=cluster.replace(f"cluster/{CLUSTER}", f"task-definition/{FAMILY}"),
            container=CONTAINER,
            subnet_ids=[self.subnet],
            security_group_id=self.group,
        )
        document = json.loads(declared.of(MACHINE)[f"{name}-workflow"]["definition"])
        for state in document["States"].values():
            state |= {"Retry": [_soon(retrier) for retrier in state["Retry"]]} if "Retry" in state else {}
            if "ecs" in state.get("Resource", ""):
                state["TimeoutSeconds"] = limit_s
        return document

    def told(self, execution: str) -> Told:
        """How an execution went, once it has ended."""
        client = self("stepfunctions")
        until(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING")
        ended = client.describe_execution(executionArn=execution)
        events = client.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        states, parameters = [], {}
        for event in events:
            if "stateEnteredEventDetails" in event:
                states.append(event["stateEnteredEventDetails"]["name"])
            if "taskScheduledEventDetails" in event:
                parameters[states[-1]] = json.loads(event["taskScheduledEventDetails"]["parameters"])
        return Told(ended["status"], ended.get("error"), tuple(states), parameters)

    def tasks(self, job: str) -> list[Any]:
        """The tasks that were run for a job."""
        listed = [self("ecs").list_tasks(cluster=CLUSTER, desiredStatus=s)["taskArns"] for s in ("RUNNING", "STOPPED")]
        arns = sorted({arn for each in listed for arn in each})
        found = self("ecs").describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else []
        return [task for task in found if variables(task)["JOB_ID"] == job]

    @contextmanager
    def tasks_that_never_end(self) -> Iterator[None]:
        """Within the block a task runs until somebody stops it."""
        self._control("set-transition", {"progression": "manual", "times": 1_000_000})
        try:
            yield
        finally:
            self._control("unset-transition", {})

    def _control(self, action: str, transition: Mapping[str, Any]) -> None:
        body = json.dumps({"model_name": "ecs::task", "transition": transition}).encode()
        url = f"{self.functions.url}/moto-api/state-manager/{action}"
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - loopback
        urllib.request.urlopen(request).close()  # noqa: S310 - loopback


def variables(task: Any) -> dict[str, str]:
    """What a task's container was given."""
    (override,) = task["overrides"]["containerOverrides"]
    return {entry["name"]: entry["value"] for entry in override["environment"]}


def until(condition: Callable[[], bool]) -> None:
    """Returns once the condition holds; fails after a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it does not come to that"
        time.sleep(0.1)


def _soon(retrier: Mapping[str, Any]) -> dict[str, Any]:
    return {"ErrorEquals": retrier["ErrorEquals"], "MaxAttempts": 2, "IntervalSeconds": 1, "BackoffRate": 1.0}
