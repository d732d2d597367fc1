"""Traces by OpenTelemetry, sent over HTTP to a collector: Jaeger, Tempo, Cloud Trace, a vendor."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Annotated, Self

import anyio
import anyio.to_thread
from msgspec import Meta, Struct
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from adapters.outbound.secret import Secret
from ports.errors import Rejected
from ports.tracer import NO_ATTRIBUTES, Attribute, Attributes, Value

_SEND_EVERY = 2_000
"""Milliseconds."""
_LEAVING = 5.0
"""Seconds at the end for what was not sent yet."""


class OtlpTracerSettings(Struct, frozen=True, kw_only=True):
    """Where traces go."""

    endpoint: str = "http://127.0.0.1:4318/v1/traces"
    """HTTP address of a collector."""
    headers: Secret = ""
    """What it asks for, such as a key: `name=value`, several with commas."""
    service: str = "omi"
    """How this server is called there."""
    share: Annotated[float, Meta(ge=0, le=1)] = 1.0
    """Of all traces that are kept: each is kept whole or not at all."""
    timeout: Annotated[float, Meta(gt=0)] = 5.0
    """Seconds for sending some. Those that cannot be sent are lost; nobody waits for them."""


class OtlpTracer:
    """Hands notes to the SDK, which sends them from a thread of its own. Nothing of the SDK's is global here."""

    def __init__(self, settings: OtlpTracerSettings) -> None:
        self._settings = settings
        self._provider: TracerProvider
        self._tracer: trace.Tracer

    async def __aenter__(self) -> Self:
        settings = self._settings
        exporter = OTLPSpanExporter(
            endpoint=settings.endpoint, headers=_headers(settings.headers), timeout=settings.timeout
        )
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(settings.share)),
            resource=Resource({"service.name": settings.service}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=_SEND_EVERY))
        self._tracer = self._provider.get_tracer("omi")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.move_on_after(_LEAVING, shield=True):
            await anyio.to_thread.run_sync(self._provider.shutdown, abandon_on_cancel=True)

    @contextmanager
    def span(self, name: str, attributes: Attributes = NO_ATTRIBUTES) -> Iterator["_OtlpSpan"]:
        """A piece of work, within the one that goes on in this task."""
        given = {str(attribute): value for attribute, value in attributes.items()}
        with self._tracer.start_as_current_span(
            name, attributes=given, record_exception=False, set_status_on_exception=False
        ) as one:
            span = _OtlpSpan(one)
            try:
                yield span
            except Exception as error:
                one.set_status(trace.StatusCode.ERROR)
                span.note(Attribute.ERROR, type(error).__name__)
                raise


class _OtlpSpan:
    """The SDK's, in the port's words."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def rename(self, name: str) -> None:
        """What it is turned out later."""
        self._span.update_name(name)

    def note(self, attribute: Attribute, value: Value) -> None:
        """Something about it."""
        self._span.set_attribute(str(attribute), value)


def _headers(setting: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in setting.split(",") if pair.strip()]
    if any(not sign for _, sign, _ in pairs):
        raise Rejected("OMI_TRACER__OTLP__HEADERS is not of the form name=value,name=value")
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
