"""The real server in a process of its own, over real sockets."""

import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import anyio
import msgspec
import pytest
from anyio import fail_after
from anyio.abc import ByteStream
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from adapters.inbound.server.server import ServerSettings

pytestmark = pytest.mark.alone

CANARY = "canary-7f3a"
PROMPT = ServerSettings(ping_interval=0.3, ping_timeout=0.5)
PATIENT = ServerSettings(ping_interval=30, ping_timeout=30)


class Process:
    """A server that listens."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self.log = log
        self.lines: list[str] = []
        self.address = self.said().removeprefix("http://")

    def said(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline().strip()
        assert line, f"the server ended: {self.log.read_text()}"
        self.lines.append(line)
        return line

    async def says(self, line: str) -> None:
        with fail_after(10):
            while await anyio.to_thread.run_sync(self.said, abandon_on_cancel=True) != line:
                pass

    def stop(self) -> str:
        """Ends it; returns all that it printed."""
        self.process.send_signal(signal.SIGTERM)
        rest, _ = self.process.communicate(timeout=15)
        return "\n".join(self.lines) + rest + self.log.read_text()

    def connect(self, path: str = "/echo") -> connect:
        return connect(f"ws://{self.address}{path}", max_size=None)


@contextmanager
def running(folder: Path, settings: ServerSettings, *arguments: str) -> Iterator[Process]:
    command = [sys.executable, "-m", "tests.support.socket_server", msgspec.json.encode(settings).decode(), *arguments]
    log = folder / "stderr"
    with log.open("w") as stderr, started(command, stderr) as process:
        yield Process(process, log)


@contextmanager
def started(command: list[str], stderr: IO[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with running(tmp_path_factory.mktemp("server"), PROMPT) as process:
        yield process


@pytest.fixture
async def client(server: Process) -> AsyncIterator[ClientConnection]:
    async with server.connect() as connection:
        with fail_after(10):
            yield connection


async def raw(server: Process, path: str = "/echo") -> ByteStream:
    """A connection past its handshake, to send bytes on."""
    host, port = server.address.split(":")
    stream = await anyio.connect_tcp(host, int(port))
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    await stream.send(
        f"{request}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        head += await stream.receive(1)
    assert head.startswith(b"HTTP/1.1 101")
    return stream


def frame(opcode: Opcode, payload: bytes, *, fin: bool = True) -> bytes:
    return Frame(opcode, payload, fin=fin).serialize(mask=True)


async def test_binary_messages_of_all_lengths_come_back(client: ClientConnection) -> None:
    for size in (0, 1, 2, 80, 125, 126, 127, 4_096, 65_535, 65_536):
        await client.send(bytes(size))
        assert await client.recv() == bytes(size)


async def test_text_comes_back_as_text(client: ClientConnection) -> None:
    await client.send("grüß dich")
    assert await client.recv() == "grüß dich"


async def test_a_message_in_fragments_comes_back_whole(client: ClientConnection) -> None:
    await client.send([b"one ", b"two ", b"three"])
    assert await client.recv() == b"one two three"


async def test_text_pings_and_audio_in_one_stretch_come_back_in_order(client: ClientConnection) -> None:
    sent = [bytes([number]) * 80 if number % 3 else f"text {number}" for number in range(90)]
    for message in sent:
        await client.send(message)
        await client.ping()
    assert [await client.recv() for _ in sent] == sent


async def test_frames_cut_at_every_byte_arrive(server: Process) -> None:
    with fail_after(10):
        async with await raw(server) as stream:
            for byte in frame(Opcode.BINARY, b"abc" * 50) + frame(Opcode.TEXT, b"end"):
                await stream.send(bytes([byte]))
            received = b""
            while not received.endswith(b"end"):
                received += await stream.receive()
    assert b"abc" * 50 in received


async def test_a_frame_that_is_not_masked_is_a_protocol_error(server: Process) -> None:
    with fail_after(10):
        async with await raw(server) as stream:
            await stream.send(Frame(Opcode.BINARY, b"abc").serialize(mask=False))
            assert (await stream.receive())[2:4] == (1002).to_bytes(2, "big")


async def test_a_message_above_the_limit_closes_with_1009(client: ClientConnection) -> None:
    with pytest.raises(ConnectionClosed):  # noqa: PT012 - the send may be the one that fails
        await client.send(bytes(65_537))
        await client.recv()
    assert client.close_code == 1009


async def test_fragments_above_the_limit_close_with_1009(client: ClientConnection) -> None:
    with pytest.raises(ConnectionClosed):  # noqa: PT012 - the send may be the one that fails
        await client.send([bytes(40_000), bytes(40_000)])
        await client.recv()
    assert client.close_code == 1009


async def test_a_client_that_never_answers_pings_is_cut_off(server: Process) -> None:
    with fail_after(5):
        async with await raw(server) as stream:
            with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):  # noqa: PT012 - pings come first
                while True:
                    await stream.receive()


async def test_a_client_that_never_reads_is_cut_off(server: Process) -> None:
    stream = await raw(server, "/flood")
    await server.says("freed")
    await stream.aclose()


async def test_a_client_that_answers_pings_stays(server: Process) -> None:
    async with server.connect() as connection:
        await anyio.sleep(2 * (PROMPT.ping_interval + PROMPT.ping_timeout))
        await connection.send(b"still here")
        assert await connection.recv() == b"still here"


async def test_compression_is_declined(client: ClientConnection) -> None:
    assert client.response is not None
    assert "Sec-WebSocket-Extensions" not in client.response.headers
    assert "Server" not in client.response.headers


async def test_a_stop_lets_clients_have_their_last_words(tmp_path: Path) -> None:
    with running(tmp_path, PATIENT) as server:
        async with server.connect() as first, server.connect() as second:
            server.process.send_signal(signal.SIGTERM)
            for connection in (first, second):
                with fail_after(5):
                    assert await connection.recv() == "last words"
                    with pytest.raises(ConnectionClosed):
                        await connection.recv()
                    assert connection.close_code == 1012
        assert await anyio.to_thread.run_sync(server.process.wait, 5) == 0


async def test_a_client_that_goes_on_sending_still_gets_its_last_words(tmp_path: Path) -> None:
    with running(tmp_path, PATIENT) as server:
        async with server.connect() as connection:
            with fail_after(10):
                server.process.send_signal(signal.SIGTERM)
                heard = await converse_until_closed(connection)
    assert "last words" in heard
    assert connection.close_code == 1012


async def converse_until_closed(connection: ClientConnection) -> list[str | bytes]:
    """What a client hears that talks until it cannot, and then reads what is there."""
    heard: list[str | bytes] = []
    with suppress(ConnectionClosed):
        while True:
            await connection.send(bytes(80))
            heard.append(await connection.recv())
    with suppress(ConnectionClosed):
        while True:  # the send may be the one that fails, with last words unread
            heard.append(await connection.recv())
    return heard


async def test_the_application_is_closed_properly(tmp_path: Path) -> None:
    with running(tmp_path, PATIENT) as server:
        assert "closed" in server.stop()


async def test_a_drain_that_hangs_ends_at_its_deadline(tmp_path: Path) -> None:
    settings = ServerSettings(drain_deadline=0.5, close_deadline=0.5)
    with running(tmp_path, settings, "--slow-drain") as server:
        server.process.send_signal(signal.SIGTERM)
        assert await anyio.to_thread.run_sync(server.process.wait, 5) == 0


async def test_a_second_signal_ends_a_drain(tmp_path: Path) -> None:
    with running(tmp_path, ServerSettings(drain_deadline=60), "--slow-drain") as server:
        async with server.connect() as connection:
            server.process.send_signal(signal.SIGTERM)
            assert await connection.recv() == "last words"
            server.process.send_signal(signal.SIGTERM)
            assert await anyio.to_thread.run_sync(server.process.wait, 5) == 0


async def test_no_log_line_holds_a_query_string_or_what_was_said(tmp_path: Path) -> None:
    with running(tmp_path, PATIENT) as server:
        async with server.connect(f"/echo?uid={CANARY}&token={CANARY}") as connection:
            await connection.send(CANARY)
            assert await connection.recv() == CANARY
            await get(server, f"/health?token={CANARY}")
        printed = server.stop()
    assert "accepted" in printed
    assert CANARY not in printed


async def get(server: Process, path: str) -> None:
    host, port = server.address.split(":")
    async with await anyio.connect_tcp(host, int(port)) as stream:
        await stream.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert (await stream.receive()).startswith(b"HTTP/1.1 200")


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code = f"from adapters.inbound.server.server import serve; serve(None, host='127.0.0.1', port={port})"
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr
