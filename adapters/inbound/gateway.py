"""Sockets to their endpoints, everything else to the REST application."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Application = Callable[[Any, Any, Any], Awaitable[None]]


def _itself(application: Application) -> Application:
    return application


class Gateway:
    """An ASGI application in front of others. A packet passes nothing on its way but this line of code, once."""

    def __init__(
        self,
        *,
        sockets: Mapping[str, Application],
        rest: Application,
        around: Callable[[Application], Application] = _itself,
        beside: Mapping[str, Application] | None = None,
    ) -> None:
        """An application for everything.

        Args:
            sockets: path -> who serves the WebSockets there.
            rest: what answers HTTP.
            around: put around that.
            beside: path -> who answers HTTP there instead.
        """
        self._sockets = sockets
        self._rest = rest
        self._http = around(rest)
        self._beside = beside or {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Serves one connection."""
        if scope["type"] != "websocket":
            await self._beside.get(scope.get("path", ""), self._http)(scope, receive, send)
            return
        endpoint = self._sockets.get(scope["path"])
        if endpoint is None:
            await receive()
            await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
            await send({"type": "websocket.http.response.body", "body": b""})
            return
        await endpoint(scope, receive, send)
