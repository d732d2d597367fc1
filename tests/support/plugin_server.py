"""Plugins that run elsewhere: a real HTTP server on this machine that answers well, badly, or not at all."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import msgspec
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.tls import TLSListener
from msgspec import Struct


class Received(Struct, frozen=True, kw_only=True):
    """One request."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


Answer = Callable[[Received, ByteStream], Awaitable[None]]


class PluginServer:
    """What came in, and what is answered by path: `/hook` says nothing unless told otherwise."""

    def __init__(self) -> None:
        self.port = 0
        self.received: list[Received] = []
        self.connections = 0
        self.answers: dict[str, Answer] = {}
        self.arrived = anyio.Event()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/hook") -> str:
        return f"http://{self.place}{path}"

    async def handle(self, client: ByteStream) -> None:
        self.connections += 1
        try:
            async with client:
                request = await _read(client)
                self.received.append(request)
                self.arrived.set()
                self.arrived = anyio.Event()
                await self.answers.get(request.path, says("ok"))(request, client)
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return


@asynccontextmanager
async def plugin_server(certificates: ssl.SSLContext | None = None) -> AsyncIterator[PluginServer]:
    """Runs a server until the context is left."""
    server = PluginServer()
    listener: Any = await anyio.create_tcp_listener(local_host="127.0.0.1")
    server.port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
    if certificates is not None:
        listener = TLSListener(listener, certificates, standard_compatible=False)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, server.handle)
        yield server
        tasks.cancel_scope.cancel()


async def _read(client: ByteStream) -> Received:
    content = b""
    while b"\r\n\r\n" not in content:
        content += await client.receive()
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += await client.receive()
    method, target, _ = first.split(" ")
    parts = urlsplit(target)
    return Received(method=method, path=parts.path, query=parse_qs(parts.query), headers=headers, body=body)


def says(body: object, *, status: int = 200) -> Answer:
    """Answers with JSON."""
    return raw(msgspec.json.encode(body), status=status)


def raw(body: bytes, *, status: int = 200, headers: str = "") -> Answer:
    """Answers with bytes."""

    async def answer(_request: Received, client: ByteStream) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
        await client.send(head.encode() + body)

    return answer


async def hangs(_request: Received, _client: ByteStream) -> None:
    """Never answers."""
    await anyio.sleep_forever()


async def closes_mid_body(_request: Received, client: ByteStream) -> None:
    """Promises more than it sends."""
    await client.send(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"message": "half')


async def closes_at_once(_request: Received, _client: ByteStream) -> None:
    """Answers nothing."""


async def drips(_request: Received, client: ByteStream) -> None:
    """Sends a byte now and then, for ever."""
    await client.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        await client.send(b" ")
        await anyio.sleep(0.02)


def floods(size: int) -> Answer:
    """Sends very much, without saying how much."""

    async def answer(_request: Received, client: ByteStream) -> None:
        await client.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(size // 65_536):
            await client.send(b"x" * 65_536)

    return answer
