"""Sessions that do nothing odd, and how long they wait: for words, and for the answer to a ping."""

import json
import time
from contextlib import suppress

import anyio
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks.server_process import ServerProcess
from domain import watermark
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE

PACKET_SAMPLES = 320
PAUSE_SAMPLES = 6_400
PING_SECONDS = 0.05


class Wait(Struct, frozen=True):
    """When something was sent (seconds of a monotonic clock), and how long its answer took."""

    at: float
    seconds: float


class Honest:
    """One user who speaks numbered words in real time."""

    def __init__(self, server: ServerProcess, user: str) -> None:
        self._server = server
        self._user = user
        self._sent: dict[int, float] = {}
        """Number of a word -> when its first sample was sent. It is heard before the last one is."""
        self.words: list[Wait] = []
        self.pings: list[Wait] = []
        self.is_cut = False
        self._done = anyio.Event()

    async def run(self) -> None:
        """Speaks until told to stop."""
        address = self._server.address.replace("http", "ws", 1)
        url = f"{address}/listen?codec=pcm16&sample_rate=16000&language=en"
        headers = {"Authorization": f"Bearer {self._server.token(self._user)}"}
        async with (
            connect(url, additional_headers=headers, compression=None, max_size=None) as socket,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(self._listen, socket)
            tasks.start_soon(self._ping, socket)
            await self._speak(socket)
            tasks.cancel_scope.cancel()

    def stop(self) -> None:
        """Falls silent after the word that is said, and waits for what is due."""
        self._done.set()

    @property
    def missing(self) -> int:
        """Words that were said and never came."""
        return len(self._sent) - len(self.words)

    async def _speak(self, socket: ClientConnection) -> None:
        due, number = time.monotonic(), 0
        try:
            while not self._done.is_set():
                word = watermark.speech(number, 1, pause=0)
                self._sent[number] = time.monotonic()
                due = await self._send(socket, word, due)
                due = await self._send(socket, bytes(PAUSE_SAMPLES * SAMPLE_BYTES), due)
                number += 1
            with anyio.move_on_after(10):
                while self.missing:
                    due = await self._send(socket, bytes(PACKET_SAMPLES * SAMPLE_BYTES), due)
        except ConnectionClosed:
            self.is_cut = True

    async def _send(self, socket: ClientConnection, pcm: bytes, due: float) -> float:
        size = PACKET_SAMPLES * SAMPLE_BYTES
        for start in range(0, len(pcm), size):
            await socket.send(pcm[start : start + size])
            due += PACKET_SAMPLES / SAMPLE_RATE
            await anyio.sleep(max(0.0, due - time.monotonic()))
        return due

    async def _listen(self, socket: ClientConnection) -> None:
        seen = set[int]()
        with suppress(ConnectionClosed):
            async for message in socket:
                said = json.loads(message)
                for word in " ".join(one["text"] for one in said).split() if isinstance(said, list) else ():
                    number = int(word.removeprefix("word"))
                    if number not in seen and number in self._sent:
                        seen.add(number)
                        at = self._sent[number]
                        self.words.append(Wait(at, time.monotonic() - at))

    async def _ping(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                at = time.monotonic()
                await (await socket.ping())
                self.pings.append(Wait(at, time.monotonic() - at))
                await anyio.sleep(PING_SECONDS)
