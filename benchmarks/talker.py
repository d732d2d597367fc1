"""A phone whose owner says numbered words without end, and that connects again whenever its server is gone."""

import json
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache

import anyio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from domain import watermark

PACKET = watermark.SUB_BLOCK_SAMPLES * 2
"""Bytes of a packet: 20 ms, so that each packet of speech holds one sub-block, and says which."""
PLACES = watermark.WORD_SAMPLES // watermark.SUB_BLOCK_SAMPLES
SILENT = -1
"""A packet of silence; every other packet is known by `number * PLACES + place`."""
SHORT_PAUSE, LONG_PAUSE = 5, 40
"""Packets between words; the long one lets the speech gate close."""
QUERY = "codec=pcm16&sample_rate=16000&language=en"
GONE = (OSError, WebSocketException, EOFError)


class Life:
    """One connection, from the accepted socket to its end."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.ended_at = 0
        """How many packets had been sent when the end of a conversation was asked for last."""
        self.settled = False
        """It is known what of it arrived."""


class Talker:
    """A user, the words they said and the words they were told."""

    def __init__(self, *, address: str, user: str, token: str, seed: int, first: int = 0) -> None:
        """Says nothing yet.

        Args:
            address: of the server, `http://127.0.0.1:8000`.
            user: whom the token stands for.
            token: opens the socket.
            seed: of the pauses.
            first: number of the first word; of its own for each user, so that mixed-up users show.
        """
        self.user = user
        self.lives: list[Life] = []
        self.said: set[str] = set()
        """Words of which anything was sent."""
        self.told: list[str] = []
        """Words of the live text, as they came."""
        self.conversations: set[str] = set()
        self.close_codes: list[int] = []
        self.is_holding = False
        """Says nothing for the moment."""
        self.stopped = anyio.Event()
        """Set to have the talker finish its word and its conversation."""
        self._url = f"{address.replace('http', 'ws', 1)}/listen?{QUERY}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._random = random.Random(f"{user} {seed}")
        self._next = first
        self._end_asked = False
        self.is_connected = False
        """A socket is open."""

    def ask_to_end(self) -> None:
        """Ends the conversation at the next pause; talks on."""
        self._end_asked = True

    async def run(self) -> None:
        """Talks until stopped, over as many connections as that takes."""
        while not self.stopped.is_set():
            try:
                async with connect(self._url, additional_headers=self._headers, compression=None) as socket:
                    await self._live(socket)
            except (*GONE, InvalidStatus):
                await anyio.sleep(0.05)

    async def _live(self, socket: ClientConnection) -> None:
        life = Life()
        self.lives.append(life)
        self.is_connected = True
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._listen, socket)
                with suppress(*GONE):
                    await self._talk(socket, life)
                    await self._farewell(socket)
                tasks.cancel_scope.cancel()
        finally:
            self.is_connected = False

    async def _talk(self, socket: ClientConnection, life: Life) -> None:
        due = time.monotonic()
        for packet in self._speech():
            while self.is_holding and not self.stopped.is_set():
                await anyio.sleep(0.01)
                due = time.monotonic()
            await socket.send(payload(packet))
            life.sent.append(packet)
            if self._end_asked and packet == SILENT:
                self._end_asked, life.ended_at = False, len(life.sent)
                await socket.send('{"type":"end_conversation"}')
            due += PACKET / 32_000
            await anyio.sleep(max(due - time.monotonic(), 0))

    def _speech(self) -> Iterator[int]:
        while not self.stopped.is_set():
            number, self._next = self._next, self._next + 1
            self.said.add(watermark.text_of(number))
            yield from range(number * PLACES, (number + 1) * PLACES)
            pause = LONG_PAUSE if self._random.random() < 0.15 else SHORT_PAUSE
            yield from [SILENT] * pause
        yield from [SILENT] * LONG_PAUSE

    async def _farewell(self, socket: ClientConnection) -> None:
        await socket.send('{"type":"end_conversation"}')
        await anyio.sleep(2)
        await socket.close()

    async def _listen(self, socket: ClientConnection) -> None:
        with suppress(*GONE):
            async for message in socket:
                self._hear(json.loads(message))
        self.close_codes.append(socket.close_code or 1006)
        await socket.close()

    def _hear(self, message: object) -> None:
        if isinstance(message, list):
            self.told += [word for segment in message for word in segment["text"].split()]
        elif isinstance(message, dict) and message["type"] == "new_processing_memory_created":
            self.conversations.add(message["processing_memory_id"])


def payload(packet: int) -> bytes:
    """What a packet holds: mono, signed 16-bit little-endian, 16 kHz."""
    if packet == SILENT:
        return bytes(PACKET)
    number, place = divmod(packet, PLACES)
    return _word(number)[place * PACKET : (place + 1) * PACKET]


@lru_cache(8_192)
def _word(number: int) -> bytes:
    return watermark.word(number)


def packet_of(content: bytes) -> int:
    """The packet that holds this."""
    heard = watermark.words_in(content)
    if not heard:
        return SILENT
    number = heard[0].number
    return number * PLACES + next(place for place in range(PLACES) if payload(number * PLACES + place) == content)
