"""Simulated phones: raw connections that send prepared frames in real time, cheaply, and note what comes back."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

import anyio
from msgspec import Struct

from benchmarks.speech import packet_samples
from domain.audio import SAMPLE_RATE, Codec

PARTS = 10
"""Of a packet's duration; a tenth of the phones sends in each, because real phones do not send at the same moment."""
NANO = 1e-9
_MARK = re.compile(rb"(\d+):(\d{9,})")
_PING = b"\x89\x04"
"""Head of a ping with four bytes. In the middle of text it cannot stand: it is no UTF-8."""
_PONG = b"\x8a\x84\0\0\0\0"
_UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"


class Mark(Struct, frozen=True, gc=False):
    """How long a packet and the word it caused were on their way, in seconds."""

    to_recognizer: float
    to_client: float
    received: float
    """When, on the monotonic clock."""


class _Stamp(Struct, frozen=True, gc=False):
    position: int
    heard: int
    received: int


class Phone(asyncio.Protocol):
    """One connection of one user."""

    def __init__(self, frames: Sequence[bytes], *, path: str, samples: int, offset: int) -> None:
        """A phone that begins somewhere in a loop.

        Args:
            frames: to be sent over and over.
            path: of the socket, with its query.
            samples: that a frame stands for.
            offset: the frame to begin with.
        """
        self._frames = frames
        self._path = path
        self._samples = samples
        self._next = offset
        self.offset = offset
        self._transport: asyncio.Transport
        self._stamps: list[_Stamp] = []
        self.opened = asyncio.Event()
        self.is_lost = False
        self.sent: list[int] = []
        """When each frame was sent, in nanoseconds of the monotonic clock."""
        self.messages: list[tuple[float, bytes]] = []
        """What came: seconds on the monotonic clock, and the WebSocket frame."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for a socket."""
        self._transport = cast("asyncio.Transport", transport)
        key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        self._transport.write(f"GET {self._path} HTTP/1.1\r\nHost: x\r\n{_UPGRADE}\r\n{key}\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """Notes what the recognizer marked; answers pings."""
        now = time.monotonic_ns()
        if not self.opened.is_set():
            assert data.startswith(b"HTTP/1.1 101"), data[:200]
            self.opened.set()
            return
        if _PING in data:
            self._answer(data)
        self.messages.append((now * NANO, data))
        self._stamps += [_Stamp(int(at), int(heard), now) for at, heard in _MARK.findall(data)]

    def _answer(self, data: bytes) -> None:
        start = data.index(_PING) + len(_PING)
        self._transport.write(_PONG + data[start : start + 4])

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio calls it so
        """The server hung up, or we did."""
        self.is_lost = True

    def send(self) -> None:
        """Sends the next frame; whoever was cut off stays silent."""
        if self.is_lost:
            return
        self._transport.write(self._frames[self._next])
        self.sent.append(time.monotonic_ns())
        self._next = (self._next + 1) % len(self._frames)

    @property
    def unsent(self) -> int:
        """Bytes that the server did not take yet."""
        return self._transport.get_write_buffer_size()

    def marks(self) -> list[Mark]:
        """What was marked so far.

        The clock of a capture may start a packet before the first packet. Nothing is heard before it is sent: that
        tells by how many packets.
        """
        shift = 0
        while any(stamp.heard < self._sent_at(stamp, shift) for stamp in self._stamps):
            shift += 1
        return [
            Mark(
                (stamp.heard - self._sent_at(stamp, shift)) * NANO,
                (stamp.received - stamp.heard) * NANO,
                stamp.received * NANO,
            )
            for stamp in self._stamps
        ]

    def hang_up(self) -> None:
        """Closes the connection."""
        self._transport.abort()

    def _sent_at(self, stamp: _Stamp, shift: int) -> int:
        index = stamp.position // self._samples - shift
        return self.sent[max(index, 0)] if index < len(self.sent) else stamp.received


class Crowd:
    """Phones that talk in real time, more and more of them."""

    def __init__(self, frames: Sequence[bytes], *, port: int, codec: Codec, query: str = "") -> None:
        """Nobody yet.

        Args:
            frames: WebSocket frames of a recording; each phone begins at another one.
            port: of the server on this machine.
            codec: of the packets.
            query: more parameters of the socket: `&interim=true`.
        """
        self.phones: list[Phone] = []
        self.latest = 0.0
        """Seconds that this client itself was late with a packet, at worst: the resolution of what it measures."""
        self._frames = frames
        self._port = port
        self._path = f"/listen?codec={codec}&sample_rate={SAMPLE_RATE}&language=en{query}"
        self._samples = packet_samples(codec)

    async def join(self, count: int) -> None:
        """Connects so many more phones, one after the other; each begins to talk at once."""
        loop = asyncio.get_running_loop()
        for number in range(len(self.phones), len(self.phones) + count):
            phone = Phone(
                self._frames,
                path=f"{self._path}&uid=phone-{number}",
                samples=self._samples,
                offset=int(number * 0.618 * len(self._frames)) % len(self._frames),
            )
            await loop.create_connection(lambda made=phone: made, "127.0.0.1", self._port)  # type: ignore[misc]
            await phone.opened.wait()
            self.phones.append(phone)

    async def talk(self) -> None:
        """Every phone sends a packet whenever one is due. Until cancelled."""
        every = self._samples / SAMPLE_RATE / PARTS
        began, turn = time.monotonic(), 0
        while True:
            due = began + turn * every
            await asyncio.sleep(max(due - time.monotonic(), 0))
            self.latest = max(self.latest, time.monotonic() - due)
            for phone in self.phones[turn % PARTS :: PARTS]:
                phone.send()
            turn += 1

    @property
    def lost(self) -> int:
        """Phones whose connection was cut."""
        return sum(phone.is_lost for phone in self.phones)

    @property
    def unsent(self) -> int:
        """Bytes that the server did not take yet."""
        return sum(phone.unsent for phone in self.phones if not phone.is_lost)

    def marks(self, *, since: float) -> list[Mark]:
        """What came back from a moment of the monotonic clock on."""
        return [mark for phone in self.phones for mark in phone.marks() if mark.received >= since]


@asynccontextmanager
async def crowd(frames: Sequence[bytes], *, port: int, codec: Codec, query: str = "") -> AsyncIterator[Crowd]:
    """A crowd that talks while the body runs."""
    people = Crowd(frames, port=port, codec=codec, query=query)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(people.talk)
        yield people
        tasks.cancel_scope.cancel()
    for phone in people.phones:
        phone.hang_up()
