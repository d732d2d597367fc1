"""Who asks. Every route is closed; one that is open says so: `opt={"public": True}`."""

from typing import Any

from litestar import Request
from litestar.datastructures import Headers
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from application.plugins.tool_keys import PREFIX, ToolKeys
from domain.errors import Unauthenticated
from domain.ids import UserId
from ports.authenticator import Authenticator

PUBLIC = {"public": True}
"""Marks a handler that anybody may call."""
FOR_TOOLS = {"for_tools": True}
"""Marks a handler that a key opens, too, which a user has made for a tool."""


class Authentication(ASGIMiddleware):
    """Lets nobody through who has not proved who they are."""

    exclude_opt_key = "public"

    def __init__(self, authenticator: Authenticator, *, tool_keys: ToolKeys | None = None) -> None:
        self._authenticator = authenticator
        self._tool_keys = tool_keys

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Judges the token of one request.

        Raises:
            Unauthenticated: there is none, or it proves nothing.
            TemporarilyUnavailable: it cannot be judged now.
        """
        token = bearer(Headers.from_scope(scope).get("authorization"))
        scope["user"] = await self._user(scope, token)
        await next_app(scope, receive, send)

    async def _user(self, scope: Scope, token: str) -> UserId:
        if self._tool_keys is not None and token.startswith(PREFIX) and scope["route_handler"].opt.get("for_tools"):
            return await self._tool_keys.owner(token)
        return (await self._authenticator.authenticate(token)).user


def bearer(header: str | None) -> str:
    """The token in an `Authorization` header.

    Raises:
        Unauthenticated: there is no header, or it is not `Bearer` and one token.
    """
    if header is None:
        raise Unauthenticated("Authorization header not found")
    parts = header.split()
    if len(parts) != 2 or parts[0].lower() != "bearer":
        raise Unauthenticated("Invalid authorization token")
    return parts[1]


def current_user(request: Request[Any, Any, Any]) -> UserId:
    """The user who was let through; for handlers, as the dependency `user`."""
    return UserId(request.user)
