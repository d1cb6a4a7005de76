"""Functions at one endpoint, from archives and from images, made over plain AWS calls.

Must never use the stack programs: what is looked at is the endpoint.
"""

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-central-1"
REGISTRY: Final = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/functions"
_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"

#: Puts what it is given where a test can see it: `handle` runs in another process.
WRITES: Final = """
import json, boto3

def handle(event, context):
    boto3.client("ssm").put_parameter(Name=NAME, Value=json.dumps(event), Type="String", Overwrite=True)
    return RESULT
"""


def manifest(text: str) -> str:
    """A valid manifest of an image with one layer, another one for each text."""
    layer = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    blob = {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 1, "digest": layer}
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": layer}
    return json.dumps({"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": [blob]})


def digest(text: str) -> str:
    """The digest of `manifest(text)`."""
    return f"sha256:{hashlib.sha256(manifest(text).encode()).hexdigest()}"


def archive(code: str) -> bytes:
    """A zip file with the module `handler`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("handler.py", code)
    return buffer.getvalue()


@dataclass
class Functions:
    """What stands at one endpoint."""

    url: str
    clients: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Whatever runs here has one role, which may do what the stand-ins of these tests do."""
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        may = {"Effect": "Allow", "Action": ["ssm:PutParameter", "ecs:*"], "Resource": "*"}
        name = ROLE.rpartition("/")[2]
        self("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
        self("iam").put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=policy)

    def __call__(self, service: str) -> Any:
        """The client of a service."""
        if service not in self.clients:
            session: Any = boto3.Session("sandbox", "sandbox", region_name=REGION)
            self.clients[service] = session.client(service, endpoint_url=self.url)
        return self.clients[service]

    def push(self, repository: str, text: str, tag: str) -> str:
        """An image in a new or known repository; its URI by digest."""
        known = {r["repositoryName"] for r in self("ecr").describe_repositories()["repositories"]}
        if repository not in known:
            self("ecr").create_repository(repositoryName=repository)
        image = self("ecr").put_image(repositoryName=repository, imageManifest=manifest(text), imageTag=tag)["image"]
        return f"{REGISTRY}/{repository}@{image['imageId']['imageDigest']}"

    def from_image(self, name: str, uri: str, **more: Any) -> Any:
        """A function from an image."""
        return self("lambda").create_function(
            FunctionName=name, PackageType="Image", Code={"ImageUri": uri}, **{"Role": ROLE, **more}
        )

    def from_code(self, name: str, code: str, **more: Any) -> Any:
        """A function whose `handle` is in the code."""
        return self("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Handler="handler.handle",
            Role=ROLE,
            Code={"ZipFile": archive(code)},
            **more,
        )

    def invoke(self, name: str, event: Any = None, **more: Any) -> tuple[int, str, Any]:
        """Status, kind of error (empty: none) and payload of an invocation."""
        answer = self("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}), **more)
        said = answer["Payload"].read()
        return answer["StatusCode"], answer.get("FunctionError", ""), json.loads(said) if said else None

    def queue(self, name: str, visible_s: int = 30, **more: str) -> tuple[str, str]:
        """URL and ARN of a new FIFO queue."""
        attributes = {"FifoQueue": "true", "VisibilityTimeout": str(visible_s), **more}
        url = self("sqs").create_queue(QueueName=f"{name}.fifo", Attributes=attributes)["QueueUrl"]
        return url, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}.fifo"

    def send(self, url: str, body: Any, group: str = "one") -> None:
        """A message, one that no other one duplicates."""
        text = json.dumps(body)
        self("sqs").send_message(QueueUrl=url, MessageBody=text, MessageGroupId=group, MessageDeduplicationId=text)

    def waiting(self, url: str) -> dict[str, int]:
        """How many messages are visible and in flight."""
        names = {"visible": "ApproximateNumberOfMessages", "in flight": "ApproximateNumberOfMessagesNotVisible"}
        found = self("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(names.values()))["Attributes"]
        return {key: int(found[name]) for key, name in names.items()}


def until(condition: Callable[[], bool]) -> None:
    """Returns once the condition holds; fails after a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it does not come to that"
        time.sleep(0.1)


def writes(name: str, result: Any = None) -> str:
    """The code of a function that puts its event into the parameter `name`, and answers `result`."""
    return WRITES.replace("NAME", repr(name)).replace("RESULT", repr(result))


def seen(functions: Functions, name: str) -> Any:
    """What a function of `writes` was given, None where it has not run."""
    try:
        return json.loads(functions("ssm").get_parameter(Name=name)["Parameter"]["Value"])
    except ClientError:
        return None


def refusal(call: Callable[[], Any]) -> str:
    """What AWS says to a call that it must refuse."""
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value)
