"""The backtest workflow at one endpoint with the project's own functions, and an agent that does what a test says.

Functions run from the images that are pushed of the checkout, under the roles that compute gives them, with their rows'
variables. Must never say for a function what it answers.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tests.integration.lambda_estate import REGION, REGISTRY
from tests.integration.provider_server import ROOT
from tests.integration.workflow_estate import CLUSTER, Workflows, until
from tests.standins.answering import answering
from tests.unit.iac.lambda_runs import deployed
from tools.provision import worlds
from tradai_blueprints.tradai.config.lambdas import LAMBDAS, LambdaFunction
from tradai_blueprints.tradai.config.needs import Needs
from tradai_blueprints.tradai.config.workflows import WORKFLOWS
from tradai_iac.images.push import stand_in_of
from tradai_iac.images.wanted import WantedImage
from tradai_sandbox.workloads.tell import Teller

_CLUSTER: Final = "cluster/tradai-cluster-dev"
_NAMES: Final = frozenset(name for row in WORKFLOWS if row.name == "backtest" for name in row.functions)


@dataclass
class Service:
    """A service that answers each path as it is told: `(status, body)`."""

    url: str = ""
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, method: str, path: str, _body: bytes) -> tuple[int, Any]:
        """By its path; what nobody told is 404."""
        self.asked.append((method, path))
        return self.answers.get(path, (404, {"detail": "unknown"}))


@contextmanager
def service() -> Iterator[Service]:
    """A service that ends with the block."""
    known = Service()
    with answering(known.answer) as known.url:
        yield known


@dataclass
class Backtests:
    """What stands at one endpoint: workflows, stores, the functions, a service that they ask, an agent's word."""

    workflows: Workflows
    service: Service
    heard: str = ""

    def __call__(self, client: str) -> Any:
        """The client of a service of AWS."""
        return self.workflows(client)

    def lay_ground(self) -> None:
        """All that the functions use, then they themselves; from now on the cluster's tasks wait for the agent."""
        worlds.ensure(ROOT, "lambdas")
        self.workflows.lay_ground()
        topic = self("sns").create_topic(Name="tradai-alerts-dev")["TopicArn"]
        self.heard = self("sqs").create_queue(QueueName="heard")["QueueUrl"]
        self("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:heard")
        place = {"LocationConstraint": REGION}
        self("s3").create_bucket(Bucket="tradai-configs-dev", CreateBucketConfiguration=place)
        rows = [row for row in LAMBDAS if row.name in _NAMES]
        for component in sorted({table for row in rows for table in row.needs.tables}):
            self._table(component)
        self.workflows.arns |= {row.name: self._function(row, topic) for row in rows}
        self("ecs").discover_poll_endpoint(cluster=CLUSTER)

    @property
    def cluster(self) -> str:
        """The cluster's ARN."""
        return str(self("ecs").describe_clusters(clusters=[CLUSTER])["clusters"][0]["clusterArn"])

    def _table(self, component: str) -> None:
        shape = json.loads((ROOT / "lambdas" / "shared" / "deployed.json").read_text())["tables"][component]
        every = [shape, *shape["indexes"].values()]
        keys = dict.fromkeys(one[key] for one in every for key in ("hash_key", "range_key") if one[key])
        indexes = [
            {"IndexName": name, "KeySchema": _schema(index), "Projection": {"ProjectionType": "ALL"}}
            for name, index in shape["indexes"].items()
        ]
        self("dynamodb").create_table(
            TableName=f"tradai-{component}-dev",
            KeySchema=_schema(shape),
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        )

    def hurried(self, function: str, seconds: int) -> str:
        """The ARN of a function with that limit."""
        (row,) = (row for row in LAMBDAS if row.name == function)
        return self._function(row.model_copy(update={"timeout_seconds": seconds}), "", "hurried")

    def _function(self, row: LambdaFunction, topic: str, prefix: str = "real") -> str:
        """As compute deploys it: from its image, with its own role."""
        name, limits = f"{prefix}-{row.name}", {"Timeout": row.timeout_seconds, "MemorySize": row.memory_mb}
        self("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
        made = self.workflows.functions.from_image(
            name,
            self._image(row.name),
            Role=self._role(row.name, name),
            Environment={"Variables": self._variables(row.needs, topic)},
            **limits,
        )
        return str(made["FunctionArn"])

    def _image(self, component: str) -> str:
        """The URI of the stand-in that `tradai images push` makes of the checkout's folder."""
        image = WantedImage(component=component, kind="lambda", repository=f"tradai/{component}", tag="1")
        made, source = stand_in_of(image, "sandbox", ROOT)
        assert source
        Teller(self.workflows.functions.url)(made.digest, image, source)
        known = {each["repositoryName"] for each in self("ecr").describe_repositories()["repositories"]}
        if image.repository not in known:
            self("ecr").create_repository(repositoryName=image.repository)
            self("ecr").put_image(repositoryName=image.repository, imageManifest=made.manifest, imageTag="1")
        return f"{REGISTRY}/{image.repository}@{made.digest}"

    def _role(self, function: str, name: str) -> str:
        """The deployed role, for this cluster."""
        policy: str = deployed().of("aws:iam/rolePolicy:RolePolicy")[function]["policy"]
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role: str = self("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        here = policy.replace(_CLUSTER, f"cluster/{CLUSTER}")
        self("iam").put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=here)
        return role

    def _variables(self, needs: Needs, topic: str) -> dict[str, str]:
        """As `wiring.environment_of` names them."""
        return {
            "ENVIRONMENT": "dev",
            "POWERTOOLS_TRACE_DISABLED": "true",
            **{f"{_upper(table)}_TABLE": f"tradai-{table}-dev" for table in needs.tables},
            **{f"S3_{_upper(bucket)}_BUCKET": f"tradai-{bucket}-dev" for bucket in needs.buckets},
            **{f"{_upper(each)}_URL": self.service.url for each in needs.services},
            **{f"SNS_{_upper(each)}_TOPIC_ARN": topic for each in needs.topics},
            **({"ECS_CLUSTER": self.cluster} if needs.task_calls else {}),
        }

    def record(self, job: str, status: str = "launching") -> None:
        """A job as a consumer records it before it starts the workflow."""
        item = {"run_id": job, "job_id": job, "trace_id": "t", "status": status, "created_at": "2026-12-01T00:00:00Z"}
        stored = {name: {"S": value} for name, value in {**item, "updated_at": item["created_at"]}.items()}
        self("dynamodb").put_item(TableName="tradai-workflow-state-dev", Item=stored)

    def job(self, job: str) -> dict[str, Any]:
        """What workflow-state says of a job."""
        item = self("dynamodb").get_item(TableName="tradai-workflow-state-dev", Key={"run_id": {"S": job}})["Item"]
        return {name: next(iter(value.values())) for name, value in item.items()}

    def told(self, about: str) -> dict[str, Any]:
        """The message of the alerts topic with that in its subject: SNS's envelope. Others are dropped."""
        found: list[Any] = []

        def received() -> bool:
            for message in self("sqs").receive_message(QueueUrl=self.heard).get("Messages", []):
                self("sqs").delete_message(QueueUrl=self.heard, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
            return bool(found) and about in found[-1]["Subject"]

        until(received)
        envelope: dict[str, Any] = found[-1]
        return envelope

    def task(self, job: str) -> Any:
        """The one task of a job, once it is there."""
        until(lambda: bool(self.workflows.tasks(job)))
        (found,) = self.workflows.tasks(job)
        return found

    def says(self, job: str, status: str, exit_code: int | None = None) -> None:
        """The agent's word about the task of a job."""
        container = {"containerName": "strategy-container", "status": status}
        ended = {} if exit_code is None else {"exitCode": exit_code}
        self("ecs").submit_task_state_change(
            cluster=CLUSTER, task=self.task(job)["taskArn"], status=status, containers=[{**container, **ended}]
        )


def _schema(shape: Mapping[str, Any]) -> list[dict[str, str]]:
    pairs = (("hash_key", "HASH"), ("range_key", "RANGE"))
    return [{"AttributeName": shape[key], "KeyType": kind} for key, kind in pairs if shape[key]]


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")


def asked(job: str, **changes: str) -> dict[str, str]:
    """The request of an execution, as a consumer starts it."""
    return {
        "run_id": job,
        "job_id": job,
        "trace_id": "trace-1",
        "strategy": "PascalStrategy",
        "strategy_id": "pascal-btc",
        "timeframe": "1h",
        "timerange": "20240101-20240201",
        "pairs": "BTC/USDT,ETH/USDT",
        **changes,
    }


def heard(estate: Backtests, job: str, kind: str) -> str:
    """The one message about a job, of that kind."""
    told = estate.told(f"(job {job})")
    assert told["MessageAttributes"]["kind"]["Value"] == kind
    return str(told["Message"])
