"""A server on one processor core, whoever measures on the other ones."""

import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import psutil
from msgspec import Struct

from benchmarks.server_process import COMMAND, ServerProcess

SCRIPTED = (sys.executable, "-m", "benchmarks.serve_scripted", "serve")
SCRIPTED_SETTINGS = {
    "OMI_SPEECH_TO_TEXT__CHAIN": "scripted",
    "OMI_BATCH_SPEECH_TO_TEXT__NAME": "fake",
    "OMI_AUTHENTICATOR__TRUST_UID": "true",
    "OMI_LOG_LEVEL": "warning",
}
EMBEDDED_SETTINGS = {
    "OMI_SPEECH_TO_TEXT__MOONSHINE__WORKERS": "1",
    "OMI_AUTHENTICATOR__TRUST_UID": "true",
    "OMI_LOG_LEVEL": "warning",
}


MEBIBYTE = 2**20
_SERVERS_CORE = min(os.sched_getaffinity(0))


class Usage:
    """What a server has used: all its threads together."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)

    @property
    def cpu(self) -> float:
        """Seconds of processor, in user space and in the kernel."""
        times = self._process.cpu_times()
        return times.user + times.system

    async def during(self, duration: float) -> "Span":
        """Waits for some seconds, and tells what they cost."""
        began, used, busy = time.monotonic(), self.cpu, _busy()
        await anyio.sleep(duration)
        wall = time.monotonic() - began
        cores = (self.cpu - used) / wall
        return Span(cores=cores, others=max((_busy() - busy) / wall - cores, 0.0))

    @property
    def memory(self) -> int:
        """Bytes that would come free if it ended (USS)."""
        return int(self._process.memory_full_info().uss)


class Span(Struct, frozen=True, kw_only=True):
    """What happened on the server's core for a while."""

    cores: float
    """Processor seconds of the server per second."""
    others: float
    """Share of the core that other processes had: more than a little, and latency says nothing about the server."""


@asynccontextmanager
async def scripted_server() -> AsyncIterator[ServerProcess]:
    """The server with the scripted recognizer, everything else as it is by default."""
    async with pinned_server(SCRIPTED_SETTINGS, command=SCRIPTED) as server:
        yield server


@asynccontextmanager
async def embedded_server() -> AsyncIterator[ServerProcess]:
    """The server as it is by default, its recognizer on one thread."""
    async with pinned_server(EMBEDDED_SETTINGS, command=COMMAND) as server:
        yield server


@asynccontextmanager
async def pinned_server(settings: Mapping[str, str], *, command: Sequence[str]) -> AsyncIterator[ServerProcess]:
    """A server that runs on the first core; stopped, and its data gone, on leaving.

    Raises:
        ServerFailed: it did not start.
    """
    with tempfile.TemporaryDirectory(prefix="omi-benchmark-") as folder:
        server = ServerProcess(Path(folder), settings=settings, command=command)
        with pinned({_SERVERS_CORE}):
            await server.start()
        try:
            with pinned(other_cores()):
                yield server
        finally:
            server.kill()


@contextmanager
def pinned(cores: set[int]) -> Iterator[None]:
    """This thread, and every process it starts meanwhile, on some cores only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _busy() -> float:
    """Seconds that the server's core was not idle, since the machine started."""
    times = psutil.cpu_times(percpu=True)[_SERVERS_CORE]
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def other_cores() -> set[int]:
    """Where clients run; the same core where there is only one."""
    cores = os.sched_getaffinity(0)
    return cores - {min(cores)} or cores
