"""The provider's gRPC service: decodes what the engine asks, hands it to the lifecycle, encodes the answer.

Must never hold AWS knowledge, nor state beside the configuration that the engine gave it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tradai_sandbox.provider import lifecycle
from tradai_sandbox.provider.answers import abort, abort_partly, diff_response, invoke_response
from tradai_sandbox.provider.check import complaints, completed, nested_complaints
from tradai_sandbox.provider.cloud import Cloud, doing
from tradai_sandbox.provider.codec import Bag, decode, encode
from tradai_sandbox.provider.diff import Difference, deletes_first, differences
from tradai_sandbox.provider.failures import PartlyCreatedError, ProviderError
from tradai_sandbox.provider.invokes import SECRET_RESULTS
from tradai_sandbox.provider.props import Props
from tradai_sandbox.provider.row import Row
from tradai_sandbox.provider.settings import settings_from
from tradai_sandbox.provider.state import planned
from tradai_sandbox.provider.table import invokes, row_of
from tradai_sandbox.provider.translate import TranslationError

VERSION: Final = "7.51.1"
_T = TypeVar("_T")


def _told(method: Callable[..., _T]) -> Callable[..., _T]:
    """Whatever goes wrong is told to the engine, with the operation and the type before it."""

    @wraps(method)
    def wrapper(self: Any, request: Any, context: grpc.ServicerContext) -> _T:
        urn = getattr(request, "urn", "") or getattr(request, "tok", "")
        type_ = urn.split("::")[2].rpartition("$")[2] if "::" in urn else urn
        try:
            with doing(f"{method.__name__.lower()} {type_}".rstrip()):
                return method(self, request, context)
        except (ProviderError, TranslationError) as error:
            name = f" {urn.rpartition('$')[2].split('::', 2)[-1]}" if urn else ""
            abort(context, f"{method.__name__.lower()}{name}: {error}")

    return wrapper


def _secret_names(row: Row, *bags: Bag) -> frozenset[str]:
    """The properties to wrap as secrets: declared ones, and those that came as secrets."""
    declared = frozenset(p.name for p in row.props if p.secret)
    came = frozenset().union(*(bag.secrets for bag in bags))
    return declared | came | (frozenset({"tagsAll"}) if "tags" in came else frozenset())


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves `aws:*` types over the table."""

    def __init__(self) -> None:
        self._cloud: Cloud | None = None

    @property
    def cloud(self) -> Cloud:
        """AWS as configured; raises ProviderError before Configure."""
        if self._cloud is None:
            raise ProviderError("the provider is not configured yet")
        return self._cloud

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Agrees with the engine that secrets arrive as secrets."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """The version of the SDK that this stands in for."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """The engine attaches to a provider that runs already."""
        return Empty()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Ends all waiting; calls under way are short and end by themselves."""
        if self._cloud is not None:
            self._cloud.cancel()
        return Empty()

    @_told
    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Refuses a configuration that would reach beyond loopback."""
        bag = decode(request.news)
        settings_from({k: v for k, v in bag.props.items() if isinstance(v, str | bool | int | list | dict)})
        return provider_pb2.CheckResponse(inputs=request.news)

    @_told
    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Another region or endpoint means other resources; everything else is just a change."""
        old, new = decode(request.old_inputs or request.olds).props, decode(request.news).props
        names = sorted(k for k in {*old, *new} if old.get(k) != new.get(k))
        found = [Difference(name, "update", name == "region") for name in names]
        return diff_response(found, delete_first=False)

    @_told
    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Makes the door to AWS, and checks the account behind it."""
        self._cloud = Cloud(settings_from(decode(request.args).props))
        self._cloud.check_account()
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @_told
    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """A look-up."""
        known = invokes()
        if request.tok not in known:
            raise ProviderError(f"the sandbox provider does not know the function {request.tok}")
        result = known[request.tok](self.cloud, decode(request.args).props)
        return invoke_response(result, SECRET_RESULTS.get(request.tok, frozenset()))

    @_told
    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Complains about unsound inputs, completes sound ones."""
        row, bag, old = row_of(request.urn), decode(request.news), decode(request.olds)
        found = [*complaints(row, bag.props), *nested_complaints(row, self.cloud, bag.props)]
        failures = [provider_pb2.CheckFailure(property=c.property, reason=c.reason) for c in found]
        tags = self.cloud.settings.default_tags.tags
        inputs = completed(row, bag.props, old.props, request.urn, request.randomSeed, tags)
        return provider_pb2.CheckResponse(inputs=encode(inputs, bag.secrets), failures=failures)

    @_told
    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """What an update would have to do."""
        row = row_of(request.urn)
        state, old, new = (decode(s).props for s in (request.olds, request.old_inputs, request.news))
        found = differences(row, old, state, new, request.ignoreChanges)
        return diff_response(found, delete_first=deletes_first(row, found, state, new, request.urn))

    @_told
    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Makes a resource, or says what a preview can know of it."""
        row, bag = row_of(request.urn), decode(request.properties)
        secrets = _secret_names(row, bag)
        if request.preview:
            return provider_pb2.CreateResponse(properties=encode(planned(row, bag.props, {}), secrets))
        try:
            seen = lifecycle.create(row, self.cloud, bag.props)
        except PartlyCreatedError as error:
            state = self._partial_state(row, error.id, bag.props)
            abort_partly(context, f"create {row.token}: {error}", error.id, state, bag.props, secrets)
        return provider_pb2.CreateResponse(id=seen.id, properties=encode(seen.state, secrets))

    def _partial_state(self, row: Row, id_: str, inputs: Props) -> Props:
        """What can be seen of a resource that is not whole; the wishes where nothing can."""
        try:
            seen = lifecycle.read(row, self.cloud, id_, inputs, dict(inputs))
        except ProviderError:
            seen = None
        return seen.state if seen else dict(inputs)

    @_told
    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """The real state, for a refresh or an import; an empty answer says that the resource is gone."""
        row, state, old = row_of(request.urn), decode(request.properties), decode(request.inputs)
        seen = lifecycle.read(row, self.cloud, request.id, old.props, state.props)
        if seen is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=seen.id,
            properties=encode(seen.state, _secret_names(row, state, old)),
            inputs=encode(seen.inputs, _secret_names(row, old)),
        )

    @_told
    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Changes a resource in place, or says what a preview can know of the change."""
        row = row_of(request.urn)
        state, old, new = decode(request.olds), decode(request.old_inputs), decode(request.news)
        secrets = _secret_names(row, state, new)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=encode(planned(row, new.props, state.props), secrets))
        changed = differences(row, old.props, state.props, new.props, request.ignoreChanges)
        seen = lifecycle.update(row, self.cloud, request.id, changed, state.props, new.props)
        return provider_pb2.UpdateResponse(properties=encode(seen.state, secrets))

    @_told
    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Takes a resource away."""
        row = row_of(request.urn)
        state, old = decode(request.properties), decode(request.old_inputs)
        lifecycle.delete(row, self.cloud, request.id, old.props, state.props)
        return Empty()
