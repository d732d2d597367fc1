"""The WebSocket side of the server: what the stock protocol leaves open when clients are phones on bad networks."""

import socket
from asyncio.transports import BaseTransport  # noqa: TID251 - uvicorn calls this with asyncio transports
from collections.abc import Callable
from contextlib import suppress
from types import GeneratorType
from typing import Any

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

try:
    from websockets.speedups import apply_mask
except ImportError:  # a build without the compiled part
    from websockets.utils import apply_mask

_BINARY = 0x82
"""First byte of a whole, unfragmented binary message without extensions."""
_MASKED = 0x80
_LENGTH_IN_TWO_BYTES = 126
_LENGTH_IN_EIGHT_BYTES = 127
_TOO_LONG = 1 << 63
_BETWEEN_FRAMES = "at_eof"
"""The generator in which the frame parser waits for the first byte of a frame."""
_MASK = 4
"""Bytes of a mask."""
BINARY_TAKER = "omi.binary_taker"
"""Extension in the scope: a function that an application tells who takes binary messages without a task in between."""
TEXT_SENDER = "omi.text_sender"
"""Extension in the scope: a function that sends a text message at once, or says that it has to be sent by `send`."""
_AFTER_HANDSHAKE = {"websocket.send", "websocket.close"}
LINGER = 1.0
"""Seconds a client has to answer a close before the connection is cut."""


Taker = Callable[[bytes], bool]
"""Takes a binary message at once, or says that it shall come by `receive`."""
Sender = Callable[[str], bool]
"""Sends a text message at once, or says that it has to be sent by `send`, which may wait."""


class OmiWebSocketProtocol(WebSocketsSansIOProtocol):
    """One connection.

    Differences to its parent: a client that does not answer pings is cut off even when it does not read; a
    close frame is given time to arrive while the client goes on sending; frames never reach the log; whole
    binary messages, which is what audio is, take a short way around the frame parser, and around the queue where
    the application waits for just that.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: object | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)  # type: ignore[arg-type]
        self.conn.debug = False  # at level DEBUG the parser logs what people say
        self._fast = fast_path_fits(self.conn)
        self._between_messages = False
        """The frame parser waits for a new message: the short way is open."""
        self._tail = b""
        """The beginning of a binary message, behind whole ones."""
        self._failed = False
        self._taker: Taker | None = None
        self._awaited = False
        """The application waits for a message."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Takes over a connection from the HTTP parser."""
        super().connection_made(transport)
        connection: socket.socket | None = transport.get_extra_info("socket")
        if connection is None or connection.family not in {socket.AF_INET, socket.AF_INET6}:
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.ping_interval and self.ping_timeout and hasattr(socket, "TCP_USER_TIMEOUT"):
            patience = round((self.ping_interval + self.ping_timeout) * 1000)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience)

    def handle_connect(self, event: Request) -> None:
        """Offers the application to take binary messages itself."""
        super().handle_connect(event)
        if self.handshake_initiated and not self.handshake_complete:
            self.scope["extensions"] |= {BINARY_TAKER: self._taken_by, TEXT_SENDER: self._send_at_once}  # type: ignore[dict-item]

    async def receive(self) -> ASGIReceiveEvent:
        """The next message that was not taken at once."""
        self._awaited = True
        try:
            return await super().receive()
        finally:
            self._awaited = False

    async def send(self, message: ASGISendEvent) -> None:
        """Sends what the application says.

        Raises:
            OSError: the connection is closing: a client may break it while the application speaks.
        """
        if self.close_sent and message["type"] in _AFTER_HANDSHAKE:
            raise ClientDisconnected
        await super().send(message)

    def _send_at_once(self, text: str) -> bool:
        if not self.writable.is_set() or self.close_sent or self.conn.state is not OPEN:
            return False
        self.conn.send_text(text.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))
        return True

    def _taken_by(self, taker: Taker) -> None:
        self._taker = taker

    def keepalive_timeout(self) -> None:
        """Cuts off a client that did not answer a ping.

        The parent only closes, which waits until everything is written: forever, if the client never reads.
        """
        super().keepalive_timeout()
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Takes what the network brought."""
        if self._failed:
            return
        if self._tail:
            data, self._tail = self._tail + data, b""
        if self._between_messages and self.conn.state is OPEN:
            data = self._take_binary_messages(data)
        if data:
            super().data_received(data)
            self._between_messages = self._fast and _between_messages(self.conn)

    def _take_binary_messages(self, data: bytes) -> bytes:
        """Delivers the whole binary messages at the front; returns what the frame parser has to look at."""
        position, size = 0, len(data)
        while size - position >= 2 and data[position] == _BINARY and data[position + 1] & _MASKED:
            start, length = _payload(data, position)
            if length > self.config.ws_max_size:
                break
            if start + length > size:
                self._tail = data[position:]
                return b""
            position = start + length
            self._deliver(apply_mask(data[start:position], data[start - _MASK : start]))
        return data[position:] if position else data

    def _deliver(self, payload: bytes) -> None:
        """Hands a message to its taker if that is what the application would do next; else it waits in line."""
        if self._awaited and self._taker is not None and self.queue.empty() and self._taker(payload):
            return
        self.queue.put_nowait({"type": "websocket.receive", "bytes": payload})
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def handle_parser_exception(self) -> None:
        """Tells the client what it did wrong, and ignores the rest.

        The parent forgets what came in the same stretch before the mistake, and closes at once. Closing while a
        client still sends resets the connection, and the reset may overtake the close frame.
        """
        if self._failed:
            return
        self._failed = True
        with suppress(InvalidState):  # a second mistake finds the connection closing
            self.handle_events()
        failure = self.conn.close_sent
        code, reason = (failure.code, failure.reason) if failure else (1006, "")
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._linger()

    def shutdown(self) -> None:
        """Tells the client that the server restarts, and waits a moment for its answer."""
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1012, "reason": "restart"})
        self.conn.send_close(1012, "restart")
        self._linger()

    def _linger(self) -> None:
        """Sends what is due; closes when the client answers or goes, or when it takes too long."""
        self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER, self.transport.abort)


def _payload(data: bytes, position: int) -> tuple[int, int]:
    """Where the payload of a masked frame starts, and its length.

    Where the data ends amid the length, the start lies behind the end of the data.
    """
    length = data[position + 1] & ~_MASKED
    if length < _LENGTH_IN_TWO_BYTES:
        return position + 2 + _MASK, length
    if length == _LENGTH_IN_EIGHT_BYTES:
        return position, _TOO_LONG
    return position + 4 + _MASK, int.from_bytes(data[position + 2 : position + 4], "big")


def fast_path_fits(connection: ServerProtocol) -> bool:
    """Whether the frame parser keeps its state where the short way looks for it.

    Other releases of websockets may not; they work, more slowly.
    """
    return (
        isinstance(getattr(connection, "parser", None), GeneratorType)
        and getattr(connection, "current_size", "") is None
        and hasattr(getattr(connection, "reader", None), _BETWEEN_FRAMES)
        and not connection.available_extensions
    )


def _between_messages(connection: ServerProtocol) -> bool:
    """Whether the frame parser waits for the first byte of a message.

    An empty buffer does not tell: the parser takes the head of a frame out before the rest is there.
    """
    innermost: Any = connection.parser
    while innermost.gi_yieldfrom is not None:
        innermost = innermost.gi_yieldfrom
    return innermost.gi_code.co_name == _BETWEEN_FRAMES and connection.current_size is None
