"""A client that survives any cut of its connection: no sample lost, no event missed or told twice.

    python examples/resumable_client.py ws://127.0.0.1:8000/v4/listen --token TOKEN recording.wav

Plays a recording (WAV, 16-bit, mono) as if it were spoken now, and prints what the server says of it. The protocol
is docs/resumable-sessions.md. Needs `pip install anyio websockets`. To use it in a program of your own:

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
MOST_BYTES = 64 * 1024 * 1024
"""Of audio that is held: 35 minutes of plain samples at 16 kHz, four hours of Opus."""
FIRST_WAIT, LONGEST_WAIT = 0.05, 15.0
"""Seconds before the client connects again; doubled after each failure."""
PATIENCE = 10.0
"""Seconds without an answer after which a connection is taken for dead."""

Message = dict[str, Any]


class Refused(Exception):
    """The server does not take this client at all: trying again would not help."""


@dataclass
class Counts:
    """What happened so far."""

    connections: int = 0
    """That came as far as the server's first message."""
    sessions: int = 0
    """That were begun: one, as long as the server keeps it for as long as cuts last."""
    events: int = 0
    events_missed: int = 0
    """Left out by the server, against the protocol."""
    events_doubled: int = 0
    """Sent again by the server, against the protocol. They are not told."""
    snapshots: int = 0
    """Times that the server did not keep all that was missed, and told how things stand instead."""
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
    """A text message that the server may not have heeded yet."""

    number: int
    position: int
    """It is sent behind the audio before this."""
    message: Message


@dataclass
class ResumableClient:
    """Holds audio until the server has it, and connects again whenever the connection is gone."""

    url: str
    token: str
    """Access token of the user."""
    rate: int
    """Samples per second: the unit of all positions."""
    on_message: Callable[[Any], None]
    """Is given each event once, in order; and what stands for events that the server has forgotten: a `snapshot`."""
    on_drop: Callable[[int, int], None] | None = None
    """Is told the positions of audio that had to be given up."""
    most_bytes: int = MOST_BYTES
    stream: str = field(default_factory=lambda: uuid.uuid4().hex)
    """The name of this capture."""

    def __post_init__(self) -> None:
        """Nothing is captured, nothing is sent."""
        self.counts = Counts()
        self.durable = 0
        """Everything that begins before this position is stored by the server."""
        self.transcribed = 0
        """Everything before this position was heard."""
        self._clock_began: float | None = None
        self._end = 0
        self._sent: deque[Packet] = deque()
        """On the connection there is, or on the last one; not acknowledged."""
        self._waiting: deque[Packet] = deque()
        self._held_bytes = 0
        self._said: deque[Said] = deque()
        self._numbers = 0
        self._number_sent = 0
        self._resume_token = ""
        self._last_event = 0
        self._news = anyio.Event()

    @property
    def now(self) -> int:
        """The position that is captured at this moment."""
        if self._clock_began is None:
            return self._end
        return max(self._end, round((time.monotonic() - self._clock_began) * self.rate))

    def capture(self, packet: bytes, *, samples: int, position: int | None = None) -> None:
        """Takes a packet that was captured just now.

        Args:
            packet: as the codec that the address names makes them.
            samples: how many are in it.
            position: of its first sample, where time has passed without audio; `now - samples` then. None: it follows
                the packet before.
        """
        begin = self._end if position is None else max(position, self._end)
        self._end = begin + samples
        if self._clock_began is None:
            self._clock_began = time.monotonic() - self._end / self.rate
        self._waiting.append(Packet(begin, self._end, packet))
        self._held_bytes += len(packet)
        while self._held_bytes > self.most_bytes:
            self._drop_oldest()
        self._wake()

    def say(self, message: Message) -> None:
        """Has a text message heeded once, behind the audio captured so far, whatever happens to connections."""
        self._numbers += 1
        self._said.append(Said(self._numbers, self._end, message))
        self._wake()

    def finish(self) -> None:
        """No more audio comes: `run` returns when the server has all of it, and all that it says was told."""
        self.say({"type": "finish"})

    async def run(self) -> None:
        """Keeps a connection until all is done. Cancel it to stop at once.

        Raises:
            Refused: by the server, for good.
        """
        wait = FIRST_WAIT
        while True:
            before = self.counts.connections
            with suppress(OSError, EOFError, WebSocketException):
                if await self._connection():
                    return
            wait = FIRST_WAIT if self.counts.connections > before else min(2 * wait, LONGEST_WAIT)
            await anyio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - so that not all come at once

    async def _connection(self) -> bool:
        """One connection, to its end; True when there is nothing left to do."""
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
        except InvalidHandshake:  # cut in the middle of it
            return False
        try:
            if socket.subprotocol != SUBPROTOCOL:
                raise Refused("this server knows nothing of resumable sessions")
            await self._talk(socket)
        finally:
            socket.transport.abort()
        return socket.close_code == NORMAL and not self._held and not self._said

    async def _talk(self, socket: ClientConnection) -> None:
        await socket.send(self._introduction())
        if not await self._greeted(socket):
            return
        self.counts.connections += 1
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._send, socket)
            with suppress(ConnectionClosed):
                while True:
                    self._take(_read(await socket.recv()))
            tasks.cancel_scope.cancel()

    def _introduction(self) -> str:
        oldest = self._held[0].position if self._held else self._end
        said: Message = {"type": "resume", "stream": self.stream, "position": oldest, "now": self.now}
        if self._resume_token:
            said |= {"token": self._resume_token, "last_event": self._last_event}
        return json.dumps(said)

    async def _greeted(self, socket: ClientConnection) -> bool:
        """Waits until the server says what it has; False where a new session has to be begun."""
        with anyio.move_on_after(PATIENCE):
            while True:
                message = _read(await socket.recv())
                if message.get("type") == "refused":
                    self._forget_session()
                    return False
                if message.get("type") == "session":
                    self._go_on(message)
                    return True
        return False

    def _go_on(self, session: Message) -> None:
        """All that the server does not have is to be sent, by itself or again."""
        if not session["resumed"]:
            self.counts.sessions += 1
            self._resume_token, self._last_event = session["token"], 0
        self._acknowledged(session)
        self.counts.packets_again += len(self._sent)
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()
        self._number_sent = 0

    def _forget_session(self) -> None:
        """What is held stays: it is sent in the next session."""
        self._resume_token, self._last_event = "", 0

    async def _send(self, socket: ClientConnection) -> None:
        """Sends what is held, in order, and what comes to it."""
        with suppress(ConnectionClosed):
            while True:
                news = self._news
                while self._waiting:
                    packet = self._waiting[0]
                    await self._send_said(socket, until=packet.position)
                    if self._waiting and self._waiting[0] is packet:  # it may have been dropped
                        self._sent.append(self._waiting.popleft())
                        await socket.send(HEADER.pack(packet.position) + packet.payload)
                await self._send_said(socket, until=self._end)
                await news.wait()

    async def _send_said(self, socket: ClientConnection, *, until: int) -> None:
        for said in tuple(self._said):
            if said.number > self._number_sent and said.position <= until:
                self._number_sent = said.number
                await socket.send(json.dumps({"number": said.number, "message": said.message}))

    def _take(self, message: Message) -> None:
        kind = message.get("type")
        if kind == "ack":
            self._acknowledged(message)
        elif kind == "event":
            self._take_event(message["number"], message["message"])
        elif kind == "snapshot":
            self._last_event = message["number"]
            self.counts.snapshots += 1
            self.on_message(message)

    def _take_event(self, number: int, message: Any) -> None:  # noqa: ANN401 - JSON
        if number <= self._last_event:
            self.counts.events_doubled += 1
            return
        self.counts.events_missed += number - self._last_event - 1
        self.counts.events += 1
        self._last_event = number
        self.on_message(message)

    def _acknowledged(self, message: Message) -> None:
        """The server has stored audio and heeded messages: they need not be held any more."""
        self.durable = max(self.durable, message["durable"])
        self.transcribed = max(self.transcribed, message["transcribed"])
        for packets in (self._sent, self._waiting):
            while packets and packets[0].position < self.durable:
                self._held_bytes -= len(packets.popleft().payload)
        while self._said and self._said[0].number <= message["messages"]:
            self._said.popleft()

    def _drop_oldest(self) -> None:
        packet = (self._sent or self._waiting).popleft()
        self._held_bytes -= len(packet.payload)
        self.counts.samples_dropped += packet.end - packet.position
        if self.on_drop is not None:
            self.on_drop(packet.position, packet.end)

    @property
    def _held(self) -> deque[Packet]:
        return self._sent or self._waiting

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
        if (recording.getnchannels(), recording.getsampwidth()) != (1, 2):
            raise SystemExit(f"{path}: expected one channel of 16 bits")
        rate, pcm = recording.getframerate(), recording.readframes(recording.getnframes())
    address = f"{url}?{urlencode({'codec': 'pcm16', 'sample_rate': rate, 'language': 'en'})}"
    client = ResumableClient(address, token=token, rate=rate, on_message=print)
    samples = rate // 50
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(client.run)
        for start in range(0, len(pcm), 2 * samples):
            packet = pcm[start : start + 2 * samples]
            client.capture(packet, samples=len(packet) // 2)
            await anyio.sleep(len(packet) / 2 / rate)
        client.finish()
    return client.counts


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url", help="ws://127.0.0.1:8000/v4/listen")
    parser.add_argument("recording", type=Path, help="WAV, 16-bit, mono")
    parser.add_argument("--token", required=True, help="access token of the user")
    given = parser.parse_args()
    counts = anyio.run(lambda: play(given.recording, url=given.url, token=given.token))
    print(counts)


if __name__ == "__main__":
    main()
