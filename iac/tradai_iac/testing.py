"""PulumiMocks (001 §8): runs a layer's program without an engine and records every resource that it registers.

Tests and `rendering` share it. Must never decide whether a resource is right: it answers with plausible ids and lets
others look.
"""

import asyncio
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any

import pulumi
from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import run_pulumi_func

from tradai_iac.arns import arn
from tradai_iac.blueprint import Blueprint
from tradai_iac.context import Context
from tradai_iac.core.tagging import register_tagging
from tradai_iac.ids import Ids, readable
from tradai_iac.naming import Naming

ACCOUNT = "123456789012"
REGION = "eu-central-1"
DIGEST = "sha256:" + "0" * 64


@dataclass(frozen=True)
class Recorded:
    """One registered resource: type token, Pulumi name, inputs in camelCase, import id (or None).

    `protect` says that the engine refuses to delete it, `retain_on_delete` that it lets go of it instead; `ignored` are
    the inputs whose changes it does not look at, `after` the URNs of what it makes before, `delete_within` how long AWS
    may take to delete it, empty for as long as the provider waits by itself.
    """

    type: str
    name: str
    inputs: Mapping[str, Any]
    import_id: str | None
    custom: bool
    protect: bool = False
    retain_on_delete: bool = False
    ignored: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    delete_within: str = ""


@dataclass(frozen=True)
class Run(Sequence[Recorded]):
    """What a program did: its resources in order, and its outputs by name, resolved."""

    resources: tuple[Recorded, ...]
    outputs: Mapping[str, Any]

    def __getitem__(self, index: Any) -> Any:
        return self.resources[index]

    def __len__(self) -> int:
        return len(self.resources)

    def __iter__(self) -> Iterator[Recorded]:
        return iter(self.resources)

    def of(self, type_: str) -> dict[str, Mapping[str, Any]]:
        """Inputs of all resources of a type, by Pulumi name."""
        return {r.name: r.inputs for r in self.resources if r.type == type_}

    def one(self, type_: str) -> Mapping[str, Any]:
        """Inputs of the only resource of a type."""
        (inputs,) = self.of(type_).values()
        return inputs


#: Outputs that AWS would compute beyond id and arn, by type, of name, inputs, id: add a row where a program reads one.
COMPUTED: dict[str, Callable[[str, Mapping[str, Any], str], dict[str, Any]]] = {
    "aws:rds/instance:Instance": lambda n, i, _: {
        "endpoint": f"{i['identifier']}.{REGION}.rds.amazonaws.com:{i['port']}",
        "masterUserSecrets": [{"secretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!{n}"}],
    },
    "aws:ec2/eip:Eip": lambda _n, _i, id_: {"allocationId": id_, "publicIp": "192.0.2.1"},
    "aws:ec2/launchTemplate:LaunchTemplate": lambda _n, _i, _: {"latestVersion": 1},
    "aws:sqs/queue:Queue": lambda n, i, _: {"url": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{i.get('name', n)}"},
    "aws:ecr/repository:Repository": lambda _n, i, _: {
        "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{i['name']}"
    },
    "aws:cognito/userPool:UserPool": lambda _n, _i, id_: {"endpoint": f"cognito-idp.{REGION}.amazonaws.com/{id_}"},
    "aws:cognito/userPoolClient:UserPoolClient": lambda n, i, _: (
        {"clientSecret": f"{n}-secret"} if i.get("generateSecret") else {}
    ),
    "aws:cognito/resourceServer:ResourceServer": lambda _n, i, _: {
        "scopeIdentifiers": [f"{i['identifier']}/{scope['scopeName']}" for scope in i["scopes"]]
    },
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": lambda n, _i, _: {"hostedZone": f"{n}-zone"},
    "aws:lb/loadBalancer:LoadBalancer": lambda _n, i, _: {
        "dnsName": f"internal-{i['name']}.{REGION}.elb.amazonaws.com"
    },
    "aws:apigatewayv2/domainName:DomainName": lambda n, i, _: {
        "domainNameConfiguration": {**i["domainNameConfiguration"], "targetDomainName": f"{n}.execute-api.example"}
    },
    "aws:apigatewayv2/api:Api": lambda _n, _i, id_: {
        "apiEndpoint": f"https://{id_}.execute-api.{REGION}.amazonaws.com"
    },
}

#: Answers of invokes, by token.
CALLS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "aws:codeartifact/getRepositoryEndpoint:getRepositoryEndpoint": lambda a: {
        "repositoryEndpoint": f"https://{a['domain']}.example/{a['format']}/{a['repository']}/"
    },
}


@dataclass
class Recorder(mocks.Mocks):
    """Answers registrations with deterministic ids and ARNs, and remembers them; `ids` says in which form ids are."""

    ids: Ids = readable
    resources: list[Recorded] = field(default_factory=list)
    options: tuple[bool, bool, tuple[str, ...], tuple[str, ...], str] = (False, False, (), (), "")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """An id, and the inputs with what AWS would compute beside them."""
        self.resources.append(
            Recorded(args.typ, args.name, args.inputs, args.resource_id or None, bool(args.custom), *self.options)
        )
        name = args.inputs.get("name") or args.inputs.get("bucket") or args.name
        id_ = self.ids(args.typ, args.name, args.inputs, ACCOUNT, REGION)
        spelled = arn(args.typ, args.inputs, name, id_, ACCOUNT, REGION)
        compute = COMPUTED.get(args.typ)
        computed = compute(args.name, args.inputs, id_) if compute else {}
        return id_, {"arn": spelled, "name": name, **args.inputs, **computed}

    def call(self, args: mocks.MockCallArgs) -> Any:
        """The answer of an invoke; raises KeyError for one without a row in CALLS."""
        return CALLS[args.token](args.args)


class Monitor(mocks.MockMonitor):
    """Tells the recorder of the options that mocks are not told of; there is one worker, hence one at a time."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self._recorder = recorder

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the name of the remote procedure
        """Registers one resource."""
        self._recorder.options = (
            request.protect,
            request.retainOnDelete,
            tuple(request.ignoreChanges),
            tuple(request.dependencies),
            request.customTimeouts.delete,
        )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


def context_for(
    blueprint: Blueprint, environment: str, *, state_bucket: str | None = None, secrets: Any = None
) -> Context[Any]:
    """A context as the runner would make it, without anything outside."""
    images = [image for layer in blueprint.layers for image in layer.images(layer.config())]
    return Context(
        environment=environment,
        account_id=ACCOUNT,
        region=REGION,
        naming=Naming(blueprint.project, environment),
        settings=blueprint.settings(environment),
        secrets=secrets or {},
        state_bucket=state_bucket,
        images={image.component: DIGEST for image in images},
    )


@contextmanager
def one_worker() -> Iterator[ThreadPoolExecutor]:
    """A thread that answers registrations one after the other; Pulumi leaves the loop that it needs open."""
    loop = asyncio.new_event_loop()
    try:
        yield ThreadPoolExecutor(1, initializer=asyncio.set_event_loop, initargs=(loop,))
    finally:
        loop.close()


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's garbage collector: what a run makes lives to its end, and looking for rubbish among hundreds of
    thousands of living objects, again and again, takes longer than the run itself."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


async def settled() -> None:
    """Wait until nothing is pending, or something has failed.

    Pulumi, which waits once more after this and raises what failed, wakes at every single output to look at all others.
    """
    while pending := [task for task in _tasks() if not task.done()]:
        done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
        if any(task.cancelled() or task.exception() for task in done):
            return


def _tasks() -> list[asyncio.Future[Any]]:
    return [*settings.SETTINGS.rpc_manager.rpcs, *settings.SETTINGS.outputs]


def run_program(
    program: Callable[..., Any],
    config: Any,
    context: Context[Any],
    inputs: Any,
    *,
    preview: bool = False,
    ids: Ids = readable,
) -> Run:
    """Run a layer's program under mocks, tagging included; raises what the program raises."""
    layer = program.__module__.split(".")[-2]
    outputs: dict[str, Any] = {}

    def body() -> None:
        register_tagging(context)
        made = program(config, context, inputs)
        for output in fields(made):
            keep = partial(outputs.__setitem__, output.name)
            pulumi.Output.from_input(getattr(made, output.name)).apply(keep)

    resources = record(body, f"{context.naming.project}-{layer}", context.environment, preview=preview, ids=ids)
    return Run(resources, outputs)


def record(
    body: Callable[[], None], project: str, stack: str, *, preview: bool = False, ids: Ids = readable
) -> tuple[Recorded, ...]:
    """What a whole program registers, the stack itself aside; raises what the program raises."""
    recorder = Recorder(ids)

    async def run() -> None:
        asyncio.get_running_loop().set_default_executor(worker)
        settings.set_root_resource(None)  # type: ignore[arg-type]
        settings.SETTINGS.outputs.clear()  # what a program that raised has left over belongs to a closed loop
        settings.SETTINGS.rpc_manager.clear()
        mocks.set_mocks(recorder, project=project, stack=stack, preview=preview, monitor=Monitor(recorder))
        await run_pulumi_func(whole)

    async def whole() -> None:
        body()
        await settled()

    # in a thread of its own, because Pulumi writes down the whole stack of calls for each resource: here it is short
    with uncollected(), one_worker() as worker, ThreadPoolExecutor(1) as aside:
        aside.submit(copy_context().run, asyncio.run, run()).result()
    return tuple(r for r in recorder.resources if r.type != "pulumi:pulumi:Stack")
