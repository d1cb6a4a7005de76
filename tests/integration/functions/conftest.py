"""The local AWS endpoint, and on it what the functions work on, each test its own.

Must import nothing that the control plane's environment lacks: pytest outside may look at this file.
"""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[3]
REGION = "eu-central-1"
WHO = {"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox", "AWS_DEFAULT_REGION": REGION}


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The address of an endpoint that ends with the tests."""
    command = [str(ROOT / ".venv" / "bin" / "python"), "-m", "tradai_sandbox.aws", "--port", "0"]
    bare = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "AWS_ENDPOINT_URL"}}
    with subprocess.Popen(command, env=bare, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()


@dataclass
class Deployed:
    """What one test has to itself: names end in `mark`, and variables say them as a deployment does."""

    endpoint: str
    patch: pytest.MonkeyPatch
    mark: str = field(default_factory=lambda: uuid4().hex[:8])

    def __call__(self, service: str) -> Any:
        """The client of a service, the test's own."""
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION)

    def set(self, **variables: str) -> None:
        """Variables of the function."""
        for name, value in variables.items():
            self.patch.setenv(name, value)

    def table(self, component: str) -> Any:
        """A table as it is deployed, with its variable; gives boto3's Table."""
        shape = json.loads((ROOT / "lambdas" / "shared" / "deployed.json").read_text())["tables"][component]
        keys = _keys(shape)
        indexes = [
            {"IndexName": name, "KeySchema": _schema(index), "Projection": _projection(shape, index)}
            for name, index in shape["indexes"].items()
        ]
        name = f"tradai-{component}-{self.mark}"
        self("dynamodb").create_table(
            TableName=name,
            KeySchema=_schema(shape),
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        )
        self.set(**{f"{component.upper().replace('-', '_')}_TABLE": name})
        return boto3.resource("dynamodb", endpoint_url=self.endpoint, region_name=REGION).Table(name)

    def topic(self, name: str) -> Any:
        """A topic with its variable; gives the URL of a queue that hears all that is published."""
        arn = self("sns").create_topic(Name=f"tradai-{name}-{self.mark}")["TopicArn"]
        url = self("sqs").create_queue(QueueName=f"heard-{name}-{self.mark}")["QueueUrl"]
        heard = self("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=heard)
        self.set(**{f"SNS_{name.upper()}_TOPIC_ARN": arn})
        return url

    def heard(self, url: str) -> list[dict[str, Any]]:
        """What was published to a topic so far: SNS's envelopes, taken out of the queue."""
        found: list[dict[str, Any]] = []
        while messages := self("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def queue(self, name: str) -> str:
        """A FIFO queue with its dead letters, and the variables of both; gives its URL."""
        arns: dict[str, str] = {}
        for each, attributes in (("dead-letter", dict[str, str]()), (name, {"ContentBasedDeduplication": "true"})):
            redrive = {"deadLetterTargetArn": arns.get("dead-letter"), "maxReceiveCount": 3}
            more = {"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "900"} if each == name else {}
            url = self("sqs").create_queue(
                QueueName=f"{each}-{self.mark}.fifo", Attributes={"FifoQueue": "true", **attributes, **more}
            )["QueueUrl"]
            self.set(**{f"{each.upper().replace('-', '_')}_QUEUE_URL": url})
            told = self("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
            arns[each] = told["Attributes"]["QueueArn"]
        return str(url)

    def batch(self, url: str) -> dict[str, Any]:
        """What Lambda gives a function of a queue: up to ten messages, which stay away for the queue's time."""
        found = self("sqs").receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"]
        )
        return {"Records": [_record(message) for message in found.get("Messages", [])]}

    def dead_letters(self) -> list[dict[str, Any]]:
        """What lies in the dead letter queue by now."""
        return [
            {"body": record["body"], **{k: v["stringValue"] for k, v in record["messageAttributes"].items()}}
            for record in self.batch(os.environ["DEAD_LETTER_QUEUE_URL"])["Records"]
        ]

    def bucket(self, component: str) -> str:
        """A bucket with its variable."""
        name = f"tradai-{component}-{self.mark}"
        self("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.set(**{f"S3_{component.upper()}_BUCKET": name})
        return name

    def cluster(self) -> Callable[..., list[str]]:
        """A cluster named `mark`; gives what starts tasks in it: `run(count=1, **variables)`, their ARNs."""
        definition = f"strategy-{self.mark}"
        self("ecs").create_cluster(clusterName=self.mark)
        self("ecs").register_task_definition(
            family=definition, containerDefinitions=[{"name": "c", "image": "i"}], cpu="256", memory="512"
        )
        vpc = self("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = self("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20")["Subnet"]["SubnetId"]

        def run(count: int = 1, **variables: str) -> list[str]:
            given = [{"name": name, "value": value} for name, value in variables.items()]
            started = self("ecs").run_task(
                cluster=self.mark,
                taskDefinition=definition,
                count=count,
                launchType="FARGATE",
                overrides={"containerOverrides": [{"name": "c", "environment": given}]},
                networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
            )
            return [task["taskArn"] for task in started["tasks"]]

        return run

    def trouble(self, client: Any, operation: str, reply: Callable[[Any], dict[str, Any] | None]) -> None:
        """From now on a client of the function is answered by `reply(parameters)`, and asks AWS where that is None.

        An answer with `Error` is raised as a ClientError. For services of JSON (ECS, DynamoDB, Step Functions).
        """

        def answer(params: Any, **_more: Any) -> Any:
            said = reply(json.loads(params["body"]))
            if said is None:
                return None
            status = 400 if "Error" in said else 200
            return SimpleNamespace(status_code=status), {"ResponseMetadata": {"HTTPStatusCode": status}, **said}

        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"before-call.{service}.{operation}", answer)


def _record(message: dict[str, Any]) -> dict[str, Any]:
    said = message.get("MessageAttributes", {}).items()
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {
            name: {"stringValue": each["StringValue"], "dataType": each["DataType"]} for name, each in said
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "awsRegion": REGION,
    }


def _keys(shape: dict[str, Any]) -> list[str]:
    every = [shape, *shape["indexes"].values()]
    return list(dict.fromkeys(one[key] for one in every for key in ("hash_key", "range_key") if one[key]))


def _projection(shape: dict[str, Any], index: dict[str, Any]) -> dict[str, Any]:
    if index["included"] is None:
        return {"ProjectionType": "ALL"}
    keys = {one[key] for one in (shape, index) for key in ("hash_key", "range_key")}
    more = [name for name in index["included"] if name not in keys]
    return {"ProjectionType": "INCLUDE", "NonKeyAttributes": more} if more else {"ProjectionType": "KEYS_ONLY"}


def _schema(shape: dict[str, Any]) -> list[dict[str, str]]:
    pairs = (("hash_key", "HASH"), ("range_key", "RANGE"))
    return [{"AttributeName": shape[key], "KeyType": kind} for key, kind in pairs if shape[key]]


@pytest.fixture(scope="session")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real MLflow, in an environment of its own, which is made where it is not there yet (mlflow_server.py)."""
    from mlflow_server import serving

    with serving(tmp_path_factory.mktemp("mlflow")) as server:
        yield server


@pytest.fixture
def deployed(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """The endpoint in the function's variables, and clients that have not been made yet."""
    from shared import clients

    for name, value in {**WHO, "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": REGION, "ENVIRONMENT": "dev"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    clients.client.cache_clear()
    clients.table.cache_clear()
    boto3.DEFAULT_SESSION = None
    return Deployed(endpoint, monkeypatch)


@dataclass
class Context:
    """What Lambda says of one invocation."""

    function_name: str = "function"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:function"
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    milliseconds: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        """Until the invocation is ended."""
        return self.milliseconds


@pytest.fixture
def context() -> Context:
    return Context()


@pytest.fixture
def models(deployed: Deployed, mlflow: Any, context: Context) -> Any:
    """One model with all that its three functions work on (models_estate.py)."""
    from models_estate import Estate

    return Estate(deployed, mlflow, context)


@dataclass
class Web:
    """A service over HTTP that answers as it is told: `(status, body)`, the last one for ever."""

    url: str = ""
    replies: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def answers(self, *replies: tuple[int, Any]) -> None:
        """From now on; bytes go as they are, anything else as JSON."""
        self.replies = list(replies)

    def reply(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request, and remember its method, path, headers and body."""
        length = int(request.headers.get("Content-Length") or 0)
        self.asked.append((request.command, request.path, dict(request.headers), request.rfile.read(length)))
        status, said = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


@pytest.fixture
def web() -> Iterator[Web]:
    """A service that ends with the test."""
    known = Web()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: Any) -> None:
            """Nothing."""

        do_GET = do_POST = do_PATCH = do_DELETE = lambda self: known.reply(self)  # noqa: N815 - the server's names

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        known.url = f"http://127.0.0.1:{server.server_port}"
        yield known
        server.shutdown()


@pytest.fixture(autouse=True)
def role(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a function calls is held against the role that it is deployed with (rights_used.py)."""
    from botocore.client import BaseClient
    from rights_used import ROLES, function_of

    door = ROLES.door(vars(BaseClient)["_make_api_call"], function_of(request.path))
    monkeypatch.setattr(BaseClient, "_make_api_call", door)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whether every right was used is asked last."""
    items.sort(key=lambda item: item.path.name == "test_rights.py")


def pytest_sessionfinish() -> None:
    """Tells which rights were used, where somebody asks for it (test_rights.py)."""
    if into := os.environ.get("RIGHTS_USED"):
        from rights_used import ROLES

        Path(into).write_text(json.dumps({function: sorted(used) for function, used in ROLES.used.items()}))
