"""Traces over OTLP, for operator and runner: a run's span hangs on the turn that started it.

On only where OTEL_EXPORTER_OTLP_ENDPOINT is set: without it nothing of OpenTelemetry is imported, since it takes
14 MB. Must never put anything into a span but names and ids, and must never fail what it watches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
#: How a span's identity goes from one process to the next (W3C Trace Context).
PARENT: Final = "TRACEPARENT"


class Tracing:
    """Opens spans; without a provider it does nothing."""

    def __init__(self, provider: TracerProvider | None = None, parent: str = "") -> None:
        self._provider = provider
        self._parent = parent

    @contextmanager
    def span(self, name: str, **attributes: str) -> Iterator[None]:
        """Around a piece of work; an error that passes through marks the span, without its text."""
        if self._provider is None:
            yield
            return
        from opentelemetry.propagate import extract
        from opentelemetry.trace import Status, StatusCode

        told = {f"tradai.{key}": value for key, value in attributes.items()}
        context = extract({"traceparent": self._parent}) if self._parent else None
        tracer = self._provider.get_tracer("tradai")
        opened = tracer.start_as_current_span(
            name, context, attributes=told, record_exception=False, set_status_on_exception=False
        )
        with opened as span:
            try:
                yield
            except Exception as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def carrier(self) -> dict[str, str]:
        """The environment variables by which a new process continues the present span."""
        if self._provider is None:
            return {}
        from opentelemetry.propagate import inject

        found: dict[str, str] = {}
        inject(found)
        return {PARENT: found["traceparent"]} if "traceparent" in found else {}

    def close(self) -> None:
        """Sends what is left."""
        if self._provider is not None:
            self._provider.shutdown()


def open_tracing(service: str, environment: Mapping[str, str]) -> Tracing:
    """Traces of a process called `service`, as far as its environment wants any."""
    if not environment.get(ENDPOINT):
        return Tracing()
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider, environment.get(PARENT, ""))
