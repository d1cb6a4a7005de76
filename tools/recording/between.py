"""Hands on every method of a plug-in's protocol as it comes, byte by byte; says which resource each is about.

Must never answer anything by itself: what the engine is told is what the plug-in said.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import grpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from tools.recording.notes import ITSELF, Notes

#: Methods during which AWS is called → the message that says for what. They are done one at a time.
_ASKED: Final[dict[str, Any]] = {
    "Configure": provider_pb2.ConfigureRequest,
    "Invoke": provider_pb2.InvokeRequest,
    "Check": provider_pb2.CheckRequest,
    "Diff": provider_pb2.DiffRequest,
    "Create": provider_pb2.CreateRequest,
    "Read": provider_pb2.ReadRequest,
    "Update": provider_pb2.UpdateRequest,
    "Delete": provider_pb2.DeleteRequest,
}
_PROVIDERS: Final = "pulumi:providers:"
#: What belongs to one connection alone, and gRPC sets by itself.
_RESERVED: Final = ("user-agent", "grpc-accept-encoding", "accept-encoding", "te", "content-type")


# grpc brings no types
class Between(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Before the plug-in behind `channel`; `notes` hear what is under way."""

    def __init__(self, channel: grpc.Channel, notes: Notes) -> None:
        self._channel = channel
        self._notes = notes

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """The same method of the plug-in."""
        method = handler_call_details.method
        beyond = self._channel.stream_stream(method)

        def hand_on(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            given = list(requests)
            name = method.rpartition("/")[2]
            with self._noted(name, given):
                yield from self._answers(name, beyond, given, context)

        return grpc.stream_stream_rpc_method_handler(hand_on)

    def _noted(self, name: str, given: list[bytes]) -> AbstractContextManager[None]:
        if name not in _ASKED or not given:
            return nullcontext()
        request = _ASKED[name].FromString(given[0])
        operation = "preview" if getattr(request, "preview", False) else name.lower()
        return self._notes.under_way(_type(request), operation)

    def _answers(
        self, name: str, beyond: Callable[..., Any], given: list[bytes], context: grpc.ServicerContext
    ) -> Iterator[bytes]:
        metadata = [(key, value) for key, value in context.invocation_metadata() if key not in _RESERVED]
        answers = beyond(iter(given), metadata=metadata)
        context.add_callback(answers.cancel)
        try:
            for answer in answers:
                if name == "GetPluginInfo":
                    self._notes.is_version(plugin_pb2.PluginInfo.FromString(answer).version)
                yield answer
            context.set_trailing_metadata(answers.trailing_metadata())
        except grpc.RpcError:
            context.set_trailing_metadata(answers.trailing_metadata())
            context.abort(answers.code(), answers.details())


def _type(request: Any) -> str:
    """`aws:sqs/queue:Queue` of a URN or of a function; the plug-in itself where neither is there."""
    urn = str(getattr(request, "urn", "") or getattr(request, "tok", ""))
    type_ = urn.split("::")[2].rpartition("$")[2] if "::" in urn else urn
    return ITSELF if type_.startswith(_PROVIDERS) else type_ or ITSELF
