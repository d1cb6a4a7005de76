"""Traces: nothing without an endpoint; with one, a run's span hangs on the turn that started it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.fakes.world import FakeClock
from tradai_operator.adapters.runs.local import LocalExecutor
from tradai_operator.adapters.web.meters import Meters
from tradai_operator.adapters.web.telemetry import LiveTelemetry
from tradai_operator.ports import Ref
from tradai_runner.contract import Update
from tradai_runner.process.tracing import ENDPOINT, PARENT, open_tracing


class Collector(TraceServiceServicer):
    """Keeps every span that arrives, by its name."""

    def __init__(self) -> None:
        self.spans: dict[str, Span] = {}

    def Export(self, request: ExportTraceServiceRequest, context: object) -> ExportTraceServiceResponse:  # noqa: N802
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                self.spans |= {span.name: span for span in scope.spans}
        return ExportTraceServiceResponse()


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    found, server = Collector(), grpc.server(futures.ThreadPoolExecutor(2))
    attach: Any = add_TraceServiceServicer_to_server  # generated, without types
    attach(found, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{port}")
    yield found
    server.stop(None).wait()


def attributes(span: Span) -> dict[str, str]:
    return {item.key: item.value.string_value for item in span.attributes}


async def test_reconcile_decide_and_run_are_one_trace_over_two_processes(collector: Collector, tmp_path: Path) -> None:
    tracing = open_tracing("tradai-operator", os.environ)
    telemetry = LiveTelemetry(Meters("1"), tracing)
    executor = LocalExecutor(tmp_path, tracing=tracing)
    request = Update(
        run_id=FakeClock().run_id(),
        blueprint="none",
        layer="edge",
        environment="dev",
        account_id="123456789012",
        region="eu-central-1",
        backend_url=f"file://{tmp_path}",
    )
    handle = executor.handle("uid", request)
    with telemetry.turn(Ref("tradai", "dev", "uid")):
        with telemetry.deciding():
            pass
        await executor.start(handle, request, "open sesame", {})
    await executor.changed([handle])
    assert executor._children[handle].wait(60) == 1, "there is no such blueprint"
    tracing.close()
    reconcile, decide, run = (collector.spans[name] for name in ("reconcile", "decide", "run"))
    assert reconcile.trace_id == decide.trace_id == run.trace_id
    assert decide.parent_span_id == run.parent_span_id == reconcile.span_id
    assert attributes(reconcile) == {"tradai.namespace": "tradai", "tradai.environment": "dev"}
    assert attributes(run) == {"tradai.layer": "edge", "tradai.operation": "up", "tradai.run": request.run_id}


def test_an_error_marks_its_span_by_its_kind_and_leaves_out_its_text(collector: Collector) -> None:
    tracing = open_tracing("tradai-operator", os.environ)
    with pytest.raises(OSError, match="hunter-2"), tracing.span("reconcile"):
        raise OSError("hunter-2")
    tracing.close()
    assert collector.spans["reconcile"].status.message == "OSError"
    assert b"hunter-2" not in collector.spans["reconcile"].SerializeToString()


def test_without_an_endpoint_nothing_happens() -> None:
    tracing = open_tracing("tradai-operator", {PARENT: "00-1-1-01"})
    with tracing.span("reconcile", namespace="tradai"):
        assert tracing.carrier() == {}
    tracing.close()


def test_without_an_endpoint_the_operator_imports_nothing_of_it() -> None:
    code = (
        "import sys; import tradai_operator.main; from tradai_runner.process.tracing import open_tracing;"
        "open_tracing('x', {}); print([name for name in sys.modules if name.startswith(('opentelemetry', 'grpc'))])"
    )
    assert _output(code) == "[]"


def test_the_operator_starts_without_what_only_its_looks_need() -> None:
    heavy = ("boto3", "botocore", "pulumi", "moto", "rich.")
    code = f"import sys, tradai_operator.__main__; print([x for x in sys.modules if x.startswith({heavy})])"
    assert _output(code) == "[]"


def _output(code: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return ran.stdout.strip()
