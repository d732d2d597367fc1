"""A client that survives any cut of its connection: no sample lost, no event missed or told twice.

    python examples/resumable_client.py ws://127.0.0.1:8000/v4/listen --token TOKEN recording.wav

Plays a recording (WAV, 16-bit) as if it were spoken now, and prints what the server says of it. The protocol is
docs/resumable-sessions.md. Needs `pip install anyio websockets`. To use it in a program of your own:

    client = ResumableClient(url, token=token, rate=16_000, on_message=print)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(client.run)
        while microphone.is_on:
            client.capture(await microphone.read(), samples=320)  # never waits
        client.finish()  # then `run` returns, when all was said
"""

import argparse
import json
import random
import struct
import time
import uuid
import wave
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

SUBPROTOCOL = Subprotocol("omi.resumable.v1")
HEADER = struct.Struct(">Q")
NORMAL, TAKEN_OVER = 1000, 4409
WRONG = {1003, 1008, 4001}
"""Codes of sockets that would end again in the same way; 4001: the access token has run out."""
MOST_BYTES = 64 * 1024 * 1024
"""Of audio that is held: 35 minutes of plain samples at 16 kHz, four hours of Opus."""
FIRST_WAIT, LONGEST_WAIT = 0.05, 15.0
"""Seconds before the client connects again; doubled after each failure."""
PATIENCE = 10.0
"""Seconds without an answer after which a connection is taken for dead."""

Message = dict[str, Any]


class Refused(Exception):
    """The server does not take this client at all: trying the same again would not help."""


@dataclass
class Counts:
    """What happened so far."""

    connections: int = 0
    """That came as far as the server's first message."""
    sessions: int = 0
    """That were begun: one, as long as the server knows the token."""
    events: int = 0
    events_missed: int = 0
    """Left out by the server, against the protocol."""
    events_doubled: int = 0
    """Sent again by the server, against the protocol. They are not told."""
    snapshots: int = 0
    """Times that the server told how things stand, in place of events that it does not have."""
    packets_again: int = 0
    """Packets that were sent on more than one connection."""
    samples_dropped: int = 0
    """Given up because too much was held."""


@dataclass(frozen=True)
class Packet:
    """Audio that the server may not have yet."""

    position: int
    end: int
    payload: bytes


@dataclass(frozen=True)
class Said:
    """A text message that the server may not have heeded yet. It stands behind the audio before it."""

    number: int
    message: Message


@dataclass
class ResumableClient:
    """Holds what the server may not have, and connects again whenever the connection is gone."""

    url: str
    token: str
    """Access token of the user."""
    rate: int
    """Samples per second: the unit of all positions."""
    on_message: Callable[[Any], None]
    """Is given each event once, in order; and what stands for events that the server does not have: a `snapshot`."""
    on_drop: Callable[[int, int], None] | None = None
    """Is told the positions of audio that had to be given up."""
    most_bytes: int = MOST_BYTES
    stream: str = field(default_factory=lambda: uuid.uuid4().hex)
    """The name of this capture."""
    counts: Counts = field(default_factory=Counts, init=False)
    durable: int = field(default=0, init=False)
    """Everything that begins before this position is stored by the server."""
    transcribed: int = field(default=0, init=False)
    """Everything before this position was heard."""

    def __post_init__(self) -> None:
        """Nothing is captured, nothing is sent."""
        self._clock_began: float | None = None
        self._end = 0
        self._sent: deque[Packet | Said] = deque()
        """On the connection there is, or on the last one; not acknowledged."""
        self._waiting: deque[Packet | Said] = deque()
        self._held_bytes = 0
        self._number = 0
        self._resume_token = ""
        self._last_event = 0
        self._news = anyio.Event()

    @property
    def now(self) -> int:
        """The position that is captured at this moment."""
        if self._clock_began is None:
            return self._end
        return max(self._end, round((time.monotonic() - self._clock_began) * self.rate))

    def capture(self, *packets: bytes, samples: int, position: int | None = None) -> None:
        """Takes a packet that was captured just now.

        Args:
            packets: as the codec that the address names makes them; one for each channel, if there are several.
            samples: how many are in it.
            position: of its first sample, where time has passed without audio; `now - samples` then. None: it follows
                the packet before.
        """
        begin = self._end if position is None else max(position, self._end)
        self._end = begin + samples
        if self._clock_began is None:
            self._clock_began = time.monotonic() - self._end / self.rate
        for channel, packet in enumerate(packets):
            payload = packet if len(packets) == 1 else bytes((channel,)) + packet
            self._waiting.append(Packet(begin, self._end, payload))
            self._held_bytes += len(payload)
        while self._held_bytes > self.most_bytes:
            self._drop_oldest()
        self._wake()

    def say(self, message: Message) -> None:
        """Has a text message heeded, behind the audio captured so far, whatever happens to connections."""
        self._number += 1
        self._waiting.append(Said(self._number, message))
        self._wake()

    def finish(self) -> None:
        """No more audio comes: `run` returns when the server has all of it, and all that it says was told."""
        self.say({"type": "finish"})

    async def run(self) -> None:
        """Keeps a connection until all is done. Cancel it to stop at once.

        Raises:
            Refused: by the server, for good. With another `token`, `run` can be called again.
        """
        wait = FIRST_WAIT
        while True:
            code = None
            with suppress(OSError, EOFError, InvalidHandshake, WebSocketException):
                code = await self._connection()
            if code == NORMAL and not self._sent and not self._waiting:
                return
            # a newer connection is there: if it is of the same stream, the two must not drive each other out for ever
            was_there = code is not None and code != TAKEN_OVER
            wait = FIRST_WAIT if was_there else min(2 * wait, LONGEST_WAIT)
            await anyio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - so that not all come at once

    async def _connection(self) -> int | None:
        """One connection, to its end: the code it was closed with, 1006 for a cut; None where nobody answered."""
        try:
            socket = await connect(
                self.url,
                subprotocols=[SUBPROTOCOL],
                additional_headers={"Authorization": f"Bearer {self.token}"},
                compression=None,
                open_timeout=PATIENCE,
                ping_interval=PATIENCE,
                ping_timeout=PATIENCE,
            )
        except InvalidStatus as error:
            if error.response.status_code in {400, 401, 403, 404}:
                raise Refused(f"the server answers {error.response.status_code}") from error
            raise
        try:
            if socket.subprotocol != SUBPROTOCOL:
                raise Refused("this server knows nothing of resumable sessions")
            was_there = await self._talk(socket)
        finally:
            socket.transport.abort()
        if socket.close_code in WRONG:
            raise Refused(f"the server closes with {socket.close_code}: {socket.close_reason}")
        return socket.close_code if was_there else None

    async def _talk(self, socket: ClientConnection) -> bool:
        """True where the server said what it has."""
        was_there = False
        with suppress(ConnectionClosed):
            await socket.send(self._introduction())
            if await self._greeted(socket):
                was_there = True
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._send, socket)
                    with suppress(ConnectionClosed):
                        while True:
                            self._take(_read(await socket.recv()))
                    tasks.cancel_scope.cancel()
        return was_there

    def _introduction(self) -> str:
        held = (item.position for items in (self._sent, self._waiting) for item in items if isinstance(item, Packet))
        said: Message = {"type": "resume", "stream": self.stream, "position": next(held, self._end), "now": self.now}
        if self._resume_token:
            said |= {"token": self._resume_token, "last_event": self._last_event}
        return json.dumps(said)

    async def _greeted(self, socket: ClientConnection) -> bool:
        """Waits until the server says what it has; False where a new session has to be begun."""
        with anyio.move_on_after(PATIENCE):
            while True:
                message = _read(await socket.recv())
                if message.get("type") == "refused":  # what is held stays: it is sent in the next session
                    self._resume_token, self._last_event = "", 0
                    return False
                if message.get("type") == "session":
                    self._go_on(message)
                    return True
        return False

    def _go_on(self, session: Message) -> None:
        """All that the server does not have is to be sent, by itself or again."""
        self.counts.connections += 1
        if not session["resumed"]:
            self.counts.sessions += 1
            self._resume_token, self._last_event = session["token"], 0
        self._acknowledged(session)
        self.counts.packets_again += sum(isinstance(item, Packet) for item in self._sent)
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()

    async def _send(self, socket: ClientConnection) -> None:
        """Sends what is held, in order, and what comes to it."""
        with suppress(ConnectionClosed):
            while True:
                news = self._news
                while self._waiting:
                    item = self._waiting.popleft()
                    self._sent.append(item)
                    if isinstance(item, Packet):
                        await socket.send(HEADER.pack(item.position) + item.payload)
                    else:
                        await socket.send(json.dumps({"number": item.number, "message": item.message}))
                await news.wait()

    def _take(self, message: Message) -> None:
        kind = message.get("type")
        if kind == "ack":
            self._acknowledged(message)
        elif kind in {"event", "snapshot"}:
            self._take_event(message)

    def _take_event(self, event: Message) -> None:
        number, is_snapshot = event["number"], event["type"] == "snapshot"
        if number <= self._last_event and not is_snapshot:
            self.counts.events_doubled += 1
            return
        if is_snapshot:
            self.counts.snapshots += 1
        else:
            self.counts.events += 1
            self.counts.events_missed += number - self._last_event - 1
        self._last_event = number
        self.on_message(event if is_snapshot else event["message"])

    def _acknowledged(self, message: Message) -> None:
        """The server has stored audio and heeded messages: they need not be held any more."""
        self.durable = max(self.durable, message["durable"])
        self.transcribed = max(self.transcribed, message["transcribed"])
        for items in (self._sent, self._waiting):
            while items and self._is_done(items[0], heeded=message["messages"]):
                self._let_go(items.popleft())

    def _is_done(self, item: Packet | Said, *, heeded: int) -> bool:
        return item.position < self.durable if isinstance(item, Packet) else item.number <= heeded

    def _let_go(self, item: Packet | Said) -> None:
        if isinstance(item, Packet):
            self._held_bytes -= len(item.payload)

    def _drop_oldest(self) -> None:
        """Gives up the oldest audio; what was said in text stays."""
        items, packet = next(
            (items, item) for items in (self._sent, self._waiting) for item in items if isinstance(item, Packet)
        )
        items.remove(packet)
        self._let_go(packet)
        self.counts.samples_dropped += packet.end - packet.position
        if self.on_drop is not None:
            self.on_drop(packet.position, packet.end)

    def _wake(self) -> None:
        self._news.set()
        self._news = anyio.Event()


def _read(text: str | bytes) -> Message:
    """A message; nothing for what is none of ours, such as the bare word `ping`."""
    with suppress(ValueError):
        message = json.loads(text)
        if isinstance(message, dict):
            return message
    return {}


async def play(path: Path, *, url: str, token: str) -> Counts:
    """Plays a recording in its own time, and prints what the server says of it."""
    with wave.open(str(path), "rb") as recording:
        if recording.getsampwidth() != 2:
            raise SystemExit(f"{path}: expected 16 bits")
        rate, channels = recording.getframerate(), recording.getnchannels()
        pcm = recording.readframes(recording.getnframes())
    query = {"codec": "pcm16", "sample_rate": rate, "channels": channels, "language": "en"}
    client = ResumableClient(f"{url}?{urlencode(query)}", token=token, rate=rate, on_message=print)
    samples = rate // 50
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(client.run)
        for start in range(0, len(pcm), 2 * channels * samples):
            piece = memoryview(pcm)[start : start + 2 * channels * samples].cast("h")
            client.capture(*(piece[channel::channels].tobytes() for channel in range(channels)), samples=samples)
            await anyio.sleep(samples / rate)
        client.finish()
    return client.counts


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url", help="ws://127.0.0.1:8000/v4/listen")
    parser.add_argument("recording", type=Path, help="WAV, 16-bit")
    parser.add_argument("--token", required=True, help="access token of the user")
    given = parser.parse_args()
    counts = anyio.run(lambda: play(given.recording, url=given.url, token=given.token))
    print(counts)


if __name__ == "__main__":
    main()
