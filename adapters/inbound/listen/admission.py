"""Who was let in may stay as long as the proof holds. It can be renewed while the socket is open, by a message.

A minute before it runs out, the client is told; a minute after, the session ends as if the client had gone: what was
heard is kept, last words are told, and the socket closes with 4001. A client comes back with a new token.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import anyio
import msgspec

from adapters.inbound.listen.authentication import LONGEST_AUTH_MESSAGE, AuthMessage
from domain.errors import Unauthenticated
from ports.authenticator import Authenticator, Principal
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable

WARNED = GRACE = timedelta(minutes=1)
LONGEST_SLEEP = 86_400.0
SEND_SECONDS = 10.0
EXPIRED = 4001
REAUTHENTICATE = '{"type":"reauth_required","expires_in":60}'
WELCOME, UNWELCOME = '{"type":"auth_response","success":true}', '{"type":"auth_response","success":false}'

_decoder = msgspec.json.Decoder(AuthMessage)


class Admission:
    """A socket and the proof of who is at its other end. Stands between the server and the session."""

    def __init__(
        self,
        principal: Principal,
        *,
        authenticator: Authenticator,
        clock: Clock,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        self._principal = principal
        self._authenticator = authenticator
        self._clock = clock
        self._receive = receive
        self._send = send
        self._waiting: anyio.CancelScope | None = None
        self._is_over = False
        self._is_closed = False

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Looks at the time as long as the session goes on, and closes the socket when it ended for that."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch)
            yield
            tasks.cancel_scope.cancel()
        if self._is_over and not self._is_closed:
            reason = "the token has expired; connect again with a new one"
            await self._deliver({"type": "websocket.close", "code": EXPIRED, "reason": reason})

    async def receive(self) -> Any:  # noqa: ANN401 - ASGI
        """The next message that is the session's; a disconnect when the time is over."""
        while not self._is_over:
            with anyio.CancelScope() as self._waiting:
                message = await self._receive()
                text = message.get("text")
                token = _token(text) if text and '"auth"' in text else None
                if token is None:
                    return message
                await self._renew(token)
        return {"type": "websocket.disconnect", "code": EXPIRED}

    async def send(self, message: Any) -> None:  # noqa: ANN401 - ASGI
        """Sends what the session says."""
        self._is_closed = self._is_closed or message["type"] == "websocket.close"
        await self._send(message)

    async def _watch(self) -> None:
        while (expires_at := self._principal.expires_at) is not None:
            await self._until(expires_at - WARNED)
            if self._principal.expires_at != expires_at:
                continue
            await self._deliver({"type": "websocket.send", "text": REAUTHENTICATE})
            await self._until(expires_at + GRACE)
            if self._principal.expires_at == expires_at:
                self._is_over = True
                if self._waiting is not None:
                    self._waiting.cancel()
                return

    async def _until(self, moment: datetime) -> None:
        while (seconds := (moment - self._clock.now()).total_seconds()) > 0:
            await self._clock.sleep(min(seconds, LONGEST_SLEEP))

    async def _renew(self, token: str) -> None:
        """Takes a later proof of the same user; anything else changes nothing."""
        said = UNWELCOME
        with suppress(Unauthenticated, TemporarilyUnavailable):
            found = await self._authenticator.authenticate(token)
            if found.user == self._principal.user:
                self._principal = found
                said = WELCOME
        await self._deliver({"type": "websocket.send", "text": said})

    async def _deliver(self, message: Any) -> None:  # noqa: ANN401 - ASGI
        """Sends to a client that may have gone, or takes nothing: then the session notices."""
        with anyio.move_on_after(SEND_SECONDS), suppress(OSError):
            await self._send(message)


def _token(text: str) -> str | None:
    if len(text) > LONGEST_AUTH_MESSAGE:
        return None
    try:
        return _decoder.decode(text).token
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
