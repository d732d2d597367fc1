"""`/metrics`: for Prometheus."""

from collections.abc import Sequence
from typing import Any

from adapters.inbound.metrics.access import MetricsSettings, may_read
from adapters.inbound.metrics.exposition import Exposition, gathered
from ports.measures import Measurable

PATH = "/metrics"
_PLAIN = "text/plain; charset=utf-8"


class MetricsEndpoint:
    """An ASGI application for one path. Whoever may not read is told that there is nothing."""

    def __init__(self, sources: Sequence[Measurable], *, settings: MetricsSettings) -> None:
        self._sources = sources
        self._settings = settings
        self._exposition = Exposition()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401, ARG002 - ASGI
        """Answers one request."""
        headers = dict(scope["headers"])
        client = scope.get("client")
        if scope["path"] != PATH or not may_read(self._settings, client=client[0] if client else None, headers=headers):
            await _answer(send, 404, b"Not found\n", _PLAIN)
        elif scope["method"] != "GET":
            await _answer(send, 405, b"Method not allowed\n", _PLAIN)
        else:
            accept = headers.get(b"accept", b"").decode("latin-1")
            body, media_type = self._exposition.encoded(await gathered(self._sources), accept=accept)
            await _answer(send, 200, body, media_type)


async def _answer(send: Any, status: int, body: bytes, media_type: str) -> None:  # noqa: ANN401 - ASGI
    headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
