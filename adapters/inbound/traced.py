"""Requests and sessions leave traces."""

from collections.abc import Awaitable, Callable
from typing import Any

from ports.tracer import Attribute, Span, Tracer

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Traced:
    """An ASGI application around another one: a span for each request, and one for each session.

    Nothing is read from the headers: whoever asks must not decide what is kept. Packets pass nothing here.
    """

    def __init__(self, application: Application, *, tracer: Tracer) -> None:
        self._application = application
        self._tracer = tracer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Serves one connection."""
        if scope["type"] == "websocket":
            with self._tracer.span("session", {Attribute.ROUTE: scope["path"]}):
                await self._application(scope, receive, send)
        elif scope["type"] == "http":
            with self._tracer.span(scope["method"], {Attribute.METHOD: scope["method"]}) as span:
                await self._application(scope, receive, _noting_status(send, span))
                template = scope.get("path_template")
                if template:
                    span.rename(f"{scope['method']} {template}")
                    span.note(Attribute.ROUTE, template)
        else:
            await self._application(scope, receive, send)


def _noting_status(send: Any, span: Span) -> Any:  # noqa: ANN401 - ASGI
    async def noting(message: Any) -> None:  # noqa: ANN401 - ASGI
        if message["type"] == "http.response.start":
            span.note(Attribute.STATUS, message["status"])
        await send(message)

    return noting
