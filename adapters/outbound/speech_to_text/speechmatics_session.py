"""A session at Speechmatics: connected, started, and left in time."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
from msgspec import Struct
from speechmatics.rt import ServerMessageType
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI

from adapters.outbound.secret import Secret
from adapters.outbound.speech_to_text import speechmatics_errors as errors
from adapters.outbound.speech_to_text.speechmatics_messages import decoded
from ports.errors import Rejected, TemporarilyUnavailable

_PING_SECONDS = 20.0
_PONG_SECONDS = 60.0
"""As Speechmatics recommends; it hangs up after 3 minutes without pings."""
_HANG_UP_SECONDS = 0.3
"""For the connection's own tasks to notice that it is gone."""


class SpeechmaticsServer(Struct, frozen=True, kw_only=True):
    """Where Speechmatics is reached, as whom, and how long that may take."""

    url: str
    api_key: Secret
    encryption: ssl.SSLContext | None
    """None for a connection in clear."""
    connect_timeout: float
    """Seconds for name, TCP, TLS, upgrade and start together."""
    close_timeout: float
    """Seconds for a farewell."""


@asynccontextmanager
async def started(server: SpeechmaticsServer, start: str) -> AsyncIterator[ClientConnection]:
    """A socket on which recognition has started.

    Args:
        server: where.
        start: the first message, which says what is to be recognized.

    Raises:
        Rejected: the server refuses key, address or message.
        TemporarilyUnavailable: it cannot be reached, or takes too long.
    """
    budget = server.connect_timeout
    try:
        with anyio.fail_after(budget):
            socket = await _opened(server, start)
    except TimeoutError as error:
        raise TemporarilyUnavailable(f"Speechmatics did not start a session within {budget:g} s") from error
    try:
        yield socket
    finally:
        await _close(socket, within=server.close_timeout)


async def _opened(server: SpeechmaticsServer, start: str) -> ClientConnection:
    socket = await _connected(server)
    try:
        with errors.translated():
            with suppress(ConnectionClosed):  # Why it was closed may wait to be read.
                await socket.send(start)
            await _recognizing(socket)
    except BaseException:
        await _close(socket, within=0.0)
        raise
    return socket


async def _connected(server: SpeechmaticsServer) -> ClientConnection:
    try:
        with errors.translated():
            return await connect(
                server.url,
                additional_headers={"Authorization": f"Bearer {server.api_key}"},
                ssl=server.encryption,
                compression=None,
                open_timeout=None,
                ping_interval=_PING_SECONDS,
                ping_timeout=_PONG_SECONDS,
                close_timeout=server.close_timeout,
            )
    except TemporarilyUnavailable as error:
        match error.__cause__:
            case InvalidStatus() as answer:
                raise errors.refused(answer.response.status_code) from answer
            case InvalidURI() as mistake:
                raise Rejected(f"{server.url!r} is no address of Speechmatics: expected wss://host/v2") from mistake
            case _:
                raise


async def _recognizing(socket: ClientConnection) -> None:
    """Waits for the start of recognition."""
    while (message := decoded(await socket.recv())).message != ServerMessageType.RECOGNITION_STARTED:
        if message.message == ServerMessageType.ERROR:
            raise errors.reported(message.type, detail=message.reason)


async def _close(socket: ClientConnection, *, within: float) -> None:
    """Says goodbye for a moment, then hangs up, and waits until the connection's own tasks have noticed."""
    with anyio.CancelScope(shield=True):
        with anyio.move_on_after(within), suppress(OSError):
            await socket.close()
        socket.transport.abort()
        with anyio.move_on_after(_HANG_UP_SECONDS):
            await socket.wait_closed()
