"""`omi stream`: sends recordings to a server, exactly as the app sends what a device hears."""

from pathlib import Path

import anyio
import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from adapters.inbound.command_line.audio_files import read_audio
from adapters.inbound.command_line.live_socket import connected
from adapters.inbound.command_line.pace import paced
from adapters.inbound.command_line.packets import packets
from adapters.inbound.command_line.screen import Screen
from adapters.inbound.command_line.session_log import SessionLog
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, Codec
from ports.errors import AdapterError, TemporarilyUnavailable, cause

END_CONVERSATION = '{"type":"end_conversation"}'
PING = "ping"

NOTHING_SAID = "nothing was said, so there is no memory"
NOT_MADE = "the memory could not be made now; what was said is kept"

WORDS_SECONDS = 20.0
"""Without any word for this long after the end, nothing was said."""
MOST_UNREAD = 10.0
"""Seconds of audio on their way: behind more, a server that is busy hearing would not see our signs of life in time."""
MEMORY_SECONDS = 120.0
"""How long a memory is waited for. It is made all the same, later."""


class StreamSettings(Struct, frozen=True, kw_only=True):
    """Where recordings go, and how."""

    url: str
    """With the query, as `live_socket.address` makes it."""
    token: str
    codec: Codec
    speed: float
    """Times real time; 0 for as fast as the server takes it."""


async def stream(files: list[Path], *, settings: StreamSettings, screen: Screen) -> None:
    """Sends recordings one after the other; each becomes a memory.

    Raises:
        InvalidRequest: a file cannot be read.
        AdapterError, BusinessError: the server is not there or refuses, see `live_socket`.
    """
    for file in files:
        pcm = await anyio.to_thread.run_sync(read_audio, file)
        with screen.recording(file.name, length=len(pcm) / SAMPLE_BYTES / SAMPLE_RATE):
            async with connected(settings.url, token=settings.token) as socket:
                await _Session(socket, screen).run(pcm, settings)


class _Session:
    """One recording on one socket."""

    def __init__(self, socket: ClientConnection, screen: Screen) -> None:
        self._socket = socket
        self._screen = screen
        self._log = SessionLog()
        self._news = anyio.Event()

    async def run(self, pcm: bytes, settings: StreamSettings) -> None:
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._receive)
                await self._send(pcm, settings)
                await self._wait_for_memory()
                tasks.cancel_scope.cancel()
        except* AdapterError as group:
            failure = cause(group)
        else:
            return
        raise failure

    async def _send(self, pcm: bytes, settings: StreamSettings) -> None:
        try:
            answer, asked_at = await self._socket.ping(), 0.0
            async for packet, position in paced(packets(pcm, settings.codec), settings.codec, speed=settings.speed):
                if position - asked_at > MOST_UNREAD:
                    await answer
                    answer, asked_at = await self._socket.ping(), position
                await self._socket.send(packet)
                self._screen.sent(position)
            await self._socket.send(END_CONVERSATION)
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def _receive(self) -> None:
        try:
            async for text in self._socket:
                message = msgspec.json.decode(text)
                if isinstance(message, dict) and message.get("type") == PING:
                    continue
                if self._log.note(message):
                    self._screen.message(message)
                    self._news.set()
        except ConnectionClosed as error:
            raise _closed(error) from error
        raise TemporarilyUnavailable("the server closed the connection")

    async def _wait_for_memory(self) -> None:
        while self._log.unfinished or not (self._log.memories or self._log.failed):
            waiting = MEMORY_SECONDS if self._log.unfinished else WORDS_SECONDS
            self._news = anyio.Event()
            with anyio.move_on_after(waiting) as patience:
                await self._news.wait()
            if patience.cancelled_caught and self._log.unfinished:
                raise TemporarilyUnavailable(f"no memory after {waiting:.0f} s; look for it later with: omi memories")
            if patience.cancelled_caught:
                raise TemporarilyUnavailable(NOTHING_SAID)
        if self._log.failed:
            raise TemporarilyUnavailable(NOT_MADE if self._log.words else NOTHING_SAID)


def _closed(error: ConnectionClosed) -> TemporarilyUnavailable:
    code = error.rcvd.code if error.rcvd else 1006
    reason = error.rcvd.reason if error.rcvd else "no reason given"
    return TemporarilyUnavailable(f"the connection ended with {code}: {reason}")
