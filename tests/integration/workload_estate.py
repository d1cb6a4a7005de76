"""A checkout of functions and a service, pushed to an endpoint as `tradai images push` does, and what deploys them.

Its packages are those of `lambdas/`. Must never use the stack programs: what is looked at is the endpoint.
"""

import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.integration.lambda_estate import REGISTRY, Functions
from tests.integration.provider_server import ROOT
from tools.provision import worlds
from tradai_iac.images.push import stand_in_of
from tradai_iac.images.wanted import WantedImage
from tradai_sandbox.workloads.tell import Teller
from tradai_sandbox.workloads.words import WORKLOADS_PATH

#: Does what its event says.
HANDLER: Final = """
import json, os, sys, time

def handle(event, context):
    do = event.get("do")
    if do == "raise":
        raise KeyError(event["what"])
    if do == "exit":
        os._exit(3)
    if do == "sleep":
        time.sleep(event["seconds"])
    if do == "grow":
        held = bytearray(os.urandom(1)) * (event["mib"] << 20)
        time.sleep(event.get("seconds", 0))
    if do == "print":
        print(event["line"])
        sys.stderr.write("to stderr\\n")
    if do == "call":
        import boto3
        call = getattr(boto3.client(event["service"]), event["method"])
        return json.loads(json.dumps(call(**event["with"]), default=str))
    if do == "resolve":
        import socket
        return socket.getaddrinfo(event["name"], 80)[0][4][0]
    if do == "get":
        import urllib.request
        return urllib.request.urlopen(event["url"], timeout=10).read().decode()
    return {"pid": os.getpid(), "variables": dict(os.environ), "remaining": context.get_remaining_time_in_millis()}
"""
_FUNCTION: Final = """
FROM public.ecr.aws/lambda/python:3.11
ENV FROM_IMAGE="yes"
COPY lambdas/shared ${LAMBDA_TASK_ROOT}/shared
COPY lambdas/NAME ${LAMBDA_TASK_ROOT}/NAME
CMD ["NAME.handler.handle"]
"""
#: Says what it is given, then does what its variable says.
SERVICE: Final = """
import os, signal, sys, time
print("started", os.environ.get("JOB"), os.environ.get("FROM_IMAGE"), *sys.argv[1:], flush=True)
do = os.environ.get("DO", "")
if do == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if do == "grow":
    held = bytearray(b"x") * (400 << 20)
if do == "serve":
    import http.server
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(os.environ["ENVIRONMENT"].encode())
    server = http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Handler)
    print("waiting", flush=True)
    server.serve_forever()
if do in ("wait", "stubborn", "grow"):
    print("waiting", flush=True)
    time.sleep(600)
sys.exit(int(do or 0))
"""
_SERVICE: Final = """
FROM python:3.11 AS base
WORKDIR /app
FROM base
ENV FROM_IMAGE=yes
COPY services/job/src ./src
ENTRYPOINT ["python", "src/job.py"]
CMD ["usual"]
"""


@dataclass
class Estate:
    """One endpoint with what its tests push and deploy."""

    functions: Functions
    checkout: Path
    roles: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """A function's folder and a service's; the world is that of the checkout that is tested."""
        worlds.ensure(ROOT, "lambdas")
        for name in ("lambdas", "services"):
            (self.checkout / name).mkdir(parents=True)
            (self.checkout / name / "world.lock").touch()
            (self.checkout / name / ".venv").symlink_to(ROOT / "lambdas" / ".venv")
        self.write("lambdas/shared/__init__.py", "")
        self.write("services/job/src/job.py", SERVICE)
        self.write("services/job/Dockerfile", _SERVICE)

    def __call__(self, service: str) -> Any:
        """The client of a service."""
        return self.functions(service)

    def write(self, path: str, text: str) -> None:
        """A file of the checkout."""
        into = self.checkout / path
        into.parent.mkdir(parents=True, exist_ok=True)
        into.write_text(text)

    def push(self, component: str, kind: str = "lambda", repository: str = "") -> str:
        """The image of a component, by its digest."""
        image = WantedImage(component=component, kind=kind, repository=repository or f"tradai/{component}", tag="1")
        made, source = stand_in_of(image, "sandbox", self.checkout)
        assert source
        Teller(self.functions.url)(made.digest, image, source)
        known = {each["repositoryName"] for each in self("ecr").describe_repositories()["repositories"]}
        if image.repository not in known:
            self("ecr").create_repository(repositoryName=image.repository)
        named = {"repositoryName": image.repository, "imageIds": [{"imageDigest": made.digest}]}
        if not self("ecr").batch_get_image(**named)["images"]:
            tag = made.digest[-12:]
            self("ecr").put_image(repositoryName=image.repository, imageManifest=made.manifest, imageTag=tag)
        return f"{REGISTRY}/{image.repository}@{made.digest}"

    def function(self, name: str, code: str = HANDLER, **more: Any) -> str:
        """A function from the image of that code; its name is that of its component. Gives its URI."""
        folder = name.replace("-", "_")
        self.write(f"lambdas/{folder}/handler.py", code)
        self.write(f"lambdas/{folder}/__init__.py", "")
        self.write(f"lambdas/{folder}/Dockerfile", _FUNCTION.replace("NAME", folder))
        uri = self.push(name)
        self("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
        self.functions.from_image(name, uri, **{"Timeout": 60, "MemorySize": 256, **more})
        return uri

    def invoke(self, function: str, /, **event: Any) -> Any:
        """What it answers; fails where that is an error."""
        status, error, payload = self.functions.invoke(function, event)
        assert (status, error) == (200, ""), payload
        return payload

    def error(self, function: str, /, **event: Any) -> tuple[str, str]:
        """Type and message of the error that it answers."""
        status, error, payload = self.functions.invoke(function, event)
        assert (status, error) == (200, "Unhandled"), payload
        return payload["errorType"], payload["errorMessage"]

    def role(self, name: str, *statements: Mapping[str, Any]) -> str:
        """The ARN of a role that may do this and nothing else."""
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        arn: str = self("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
            self("iam").put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=document)
        return arn

    def lines(self, group: str) -> list[str]:
        """What is in a log group."""
        return [event["message"] for event in self("logs").filter_log_events(logGroupName=group)["events"]]

    def manners(self, **changed: Any) -> dict[str, Any]:
        """Says to the endpoint how workloads shall behave, and gives what it answers."""
        body = json.dumps(changed).encode() if changed else None
        method = "PUT" if changed else "GET"
        request = urllib.request.Request(self.functions.url + WORKLOADS_PATH, body, method=method)  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
            found: dict[str, Any] = json.loads(answer.read())
        return found

    @contextmanager
    def retrying_after(self, seconds: float) -> Iterator[None]:
        """Within the block a failed asynchronous invocation is tried again so soon."""
        self.manners(retry_s=seconds)
        try:
            yield
        finally:
            self.manners(retry_s=60)
