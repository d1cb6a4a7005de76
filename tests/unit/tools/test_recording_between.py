"""The plug-in that stands before the other: the engine hears what it would hear without, one thing at a time."""

from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from threading import Event
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tools.recording.between import Between
from tools.recording.heard import HeardCall
from tools.recording.notes import Notes
from tools.recording.recording import collected

URN = "urn:pulumi:dev::p::t:Group$aws:sqs/queue:Queue::q"
DETAILS = (("grpc-status-details-bin", b"what was made already"),)


class Behind(provider_pb2_grpc.ResourceProviderServicer):
    """A plug-in whose every call is heard, and which waits where it is told to."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.began, self.may_end = Event(), Event()
        self.may_end.set()
        self.told: list[dict[str, Any]] = []

    def _hears(self, name: str) -> None:
        self.notes.hear(HeardCall(name, (name,), False))

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version="7.51.1")

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._hears("ec2:DescribeRegions")
        return provider_pb2.ConfigureResponse(acceptSecrets=True)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.told.append(dict(context.invocation_metadata()))
        self.began.set()
        assert self.may_end.wait(10)
        self._hears("sqs:CreateQueue")
        return provider_pb2.CreateResponse(id="q")

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._hears("sqs:DeleteQueue")
        context.set_trailing_metadata(DETAILS)
        context.abort(grpc.StatusCode.UNKNOWN, "it is still in use")

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._hears("ec2:DescribeImages")
        return provider_pb2.InvokeResponse()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.may_end.set()
        return Empty()


def served(handler: Any = None, servicer: Any = None) -> tuple[grpc.Server, int]:
    server = grpc.server(futures.ThreadPoolExecutor(8))
    if handler:
        server.add_generic_rpc_handlers((handler,))
    else:
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


class Pair:
    """An engine's stub on the one before, and the one behind."""

    def __init__(self, folder: Path) -> None:
        self.notes = Notes(folder / "1.jsonl")
        self.behind = Behind(self.notes)
        last, port = served(servicer=self.behind)
        inner = grpc.insecure_channel(f"127.0.0.1:{port}")
        first, port = served(Between(inner, self.notes))
        outer = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(outer)
        self._open = (outer, inner)
        self._servers = (first, last)

    def close(self) -> None:
        for channel in self._open:
            channel.close()
        for server in self._servers:
            server.stop(None).wait()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    made.close()


def test_calls_are_noted_for_what_the_engine_asked(pair: Pair, tmp_path: Path) -> None:
    assert pair.stub.GetPluginInfo(Empty()).version == "7.51.1"
    assert pair.stub.Configure(provider_pb2.ConfigureRequest()).acceptSecrets
    metadata = (("traceparent", "00-1"),)
    assert pair.stub.Create(provider_pb2.CreateRequest(urn=URN), metadata=metadata).id == "q"
    pair.stub.Create(provider_pb2.CreateRequest(urn=URN, preview=True))
    pair.stub.Invoke(provider_pb2.InvokeRequest(tok="aws:ec2/getAmi:getAmi"))
    assert pair.behind.told[0]["traceparent"] == "00-1"
    found = collected(tmp_path)
    assert found.origin.provider == "7.51.1"
    assert [(type_, operation, call) for type_, operation, call, _ in found.rows] == [
        ("provider", "configure", "ec2:DescribeRegions"),
        ("aws:sqs/queue:Queue", "create", "sqs:CreateQueue"),
        ("aws:sqs/queue:Queue", "preview", "sqs:CreateQueue"),
        ("aws:ec2/getAmi:getAmi", "invoke", "ec2:DescribeImages"),
    ]


def test_an_error_comes_through_with_all_that_it_tells(pair: Pair) -> None:
    with pytest.raises(grpc.RpcError) as failed:
        pair.stub.Delete(provider_pb2.DeleteRequest(urn=URN))
    assert (failed.value.code(), failed.value.details()) == (grpc.StatusCode.UNKNOWN, "it is still in use")
    assert ("grpc-status-details-bin", b"what was made already") in [
        tuple(pair) for pair in failed.value.trailing_metadata()
    ]
    with pytest.raises(grpc.RpcError) as unknown:
        pair.stub.Read(provider_pb2.ReadRequest(urn=URN))
    assert unknown.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_one_thing_is_done_at_a_time_and_can_be_called_off(pair: Pair) -> None:
    pair.behind.may_end.clear()
    created = pair.stub.Create.future(provider_pb2.CreateRequest(urn=URN))
    assert pair.behind.began.wait(10)
    looked = pair.stub.Invoke.future(provider_pb2.InvokeRequest(tok="aws:ec2/getAmi:getAmi"))
    with pytest.raises(grpc.FutureTimeoutError):
        looked.result(timeout=0.3)
    pair.stub.Cancel(Empty())
    assert created.result(10).id == "q"
    looked.result(10)
