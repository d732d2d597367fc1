"""A collector of traces: takes what OpenTelemetry's exporter sends over HTTP, and reads it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.abc import SocketAttribute, SocketStream
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from adapters.inbound.simulators.http_upload import HttpAnswer, HttpUpload


class Received:
    """Everything that came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.raw = b""
        self.headers: list[dict[str, str]] = []
        self.spans: list[Any] = []
        self.service = ""

    def take(self, body: bytes) -> None:
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.service = attributes(resource.resource)["service.name"]
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]

    def named(self, name: str) -> Any:
        """The one span of a name."""
        (found,) = [span for span in self.spans if span.name == name]
        return found


def attributes(holder: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in holder.attributes}


@asynccontextmanager
async def collecting(*, status: int = 200) -> AsyncIterator[Received]:
    """Runs a collector on a free port."""
    received: Received

    async def answer(client: SocketStream) -> None:
        upload = HttpUpload()
        async with client:
            while (request := upload.feed(await client.receive())) is None:
                pass
            received.headers.append(request.headers)
            if status == 200:
                received.take(request.body)
            await client.send(HttpAnswer(status=status, content={}).encode())

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        received = Received(f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}/v1/traces")  # noqa: S610 - not Django's
        tasks.start_soon(listener.serve, answer)
        yield received
        tasks.cancel_scope.cancel()
