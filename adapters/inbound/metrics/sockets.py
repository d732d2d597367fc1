"""Sockets, counted by how they ended."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ports.measures import Label, Measure, Sample, by, counted, standing

CLIENT = "client"
"""The client ended it, with whatever code."""
FAILED = "failed"

Application = Callable[[Any, Any, Any], Awaitable[None]]


class MeasuredSockets:
    """An ASGI application around one for sockets. Packets come in past it; only what goes out is looked at."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._open = 0
        self._ends: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Serves one socket."""
        end = CLIENT

        async def noting(message: Any) -> None:  # noqa: ANN401 - ASGI
            nonlocal end
            if message["type"] == "websocket.close":
                end = str(message.get("code", 1000))
            elif message["type"] == "websocket.http.response.start":
                end = f"http {message['status']}"
            await send(message)

        self._open += 1
        try:
            await self._application(scope, receive, noting)
        except Exception:
            end = FAILED
            raise
        finally:
            self._open -= 1
            self._ends[end] += 1

    async def measures(self) -> Sequence[Measure]:
        """Open ones, and how the others ended."""
        return (
            standing(
                "sockets_open", "WebSockets that are open, in their handshake or being closed", [Sample(self._open)]
            ),
            counted(
                "socket_closes",
                "WebSockets by the code they were closed with; client: it went, http: refused in the handshake",
                by(Label.CODE, self._ends),
            ),
        )
