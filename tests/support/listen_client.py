"""A client of the live socket."""

import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks.server_process import ServerProcess

PACKET_BYTES = 640


class Client:
    """One socket and what came out of it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.raw: list[str] = []

    async def say(self, pcm: bytes) -> None:
        await self.send(pcm[start : start + PACKET_BYTES] for start in range(0, len(pcm), PACKET_BYTES))

    async def send(self, packets: Iterable[bytes]) -> None:
        for packet in packets:
            await self.socket.send(packet)

    async def end_conversation(self) -> None:
        await self.socket.send('{"type":"end_conversation"}')

    async def until(self, kind: str, *, seconds: float = 20) -> dict[str, Any]:
        """Reads on until an event comes."""
        with anyio.fail_after(seconds):
            while True:
                message = await self._next()
                if isinstance(message, dict) and message["type"] == kind:
                    return message

    async def until_words(self, count: int, *, seconds: float = 20) -> None:
        """Reads on until so many words came in all."""
        with anyio.fail_after(seconds):
            while len(self.words) < count:
                await self._next()

    async def until_closed(self, *, seconds: float = 20) -> tuple[int | None, str | None]:
        """Reads to the end; code and reason of the close."""
        with anyio.fail_after(seconds):
            try:
                while True:
                    await self._next()
            except ConnectionClosed:
                return self.socket.close_code, self.socket.close_reason

    async def _next(self) -> Any:
        text = await self.socket.recv(decode=True)
        assert isinstance(text, str)
        self.raw.append(text)
        return json.loads(text)

    @property
    def segments(self) -> list[dict[str, Any]]:
        arrays = [message for message in map(json.loads, self.raw) if isinstance(message, list)]
        return [segment for array in arrays for segment in array]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [message for message in map(json.loads, self.raw) if isinstance(message, dict)]

    @property
    def words(self) -> list[str]:
        return [word for segment in self.segments for word in segment["text"].split()]


def url(server: ServerProcess, query: str) -> str:
    return f"{server.address.replace('http', 'ws', 1)}/listen?{query}"


@asynccontextmanager
async def client(
    server: ServerProcess, user: str, query: str = "codec=pcm16&sample_rate=16000&language=en", **more: Any
) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {server.token(user)}"}
    async with connect(url(server, query), additional_headers=headers, compression=None, **more) as socket:
        yield Client(socket)


async def memories(server: ServerProcess, user: str, *, count: int = 1, seconds: float = 20) -> list[dict[str, Any]]:
    """A user's memories, once there are so many."""
    deadline = time.monotonic() + seconds
    async with httpx.AsyncClient(base_url=server.address) as http:
        while True:
            answer = await http.get("/v1/memories", headers={"Authorization": f"Bearer {server.token(user)}"})
            found: list[dict[str, Any]] = answer.raise_for_status().json()
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"{len(found)} memories of {count}"
            await anyio.sleep(0.1)


def words_of(memory: dict[str, Any]) -> list[str]:
    return [word for segment in memory["transcript_segments"] for word in segment["text"].split()]
