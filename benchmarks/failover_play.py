"""Users who speak to the real server, at real time, while its vendor is killed again and again."""

import random
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection

from adapters.inbound.command_line.live_socket import address, connected
from adapters.inbound.command_line.pace import paced
from adapters.inbound.command_line.packets import packets
from benchmarks.failover_vendor import SAME_RULES, Vendor
from benchmarks.server_process import ServerProcess
from benchmarks.spoken_files import SpokenFile
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, Codec

MEMORY_SECONDS = 90.0
AWAY_SECONDS = (1.0, 4.0)
"""For how long the vendor is gone."""


class Script(Struct, frozen=True, kw_only=True):
    """What one user says."""

    pcm: bytes
    reference: str


class Remembered(Struct, frozen=True, kw_only=True):
    """What became of it."""

    text: str
    gaps: float = 0.0
    """Seconds that nobody transcribed."""
    transcribed: dict[str, float] = {}
    """Recognizer -> seconds."""
    changes: int = 0
    """Times that the client was told of another recognizer."""


def kill_times(*, kills: int, length: float, seed: int) -> list[float]:
    """Random moments, one in each stretch of the run: a vendor that is not used cannot be missed."""
    stretch = (length - 10.0) / max(kills, 1)
    chance = random.Random(seed)
    return [8.0 + stretch * number + chance.uniform(0.0, stretch * 0.4) for number in range(kills)]


def scripts(files: Sequence[SpokenFile], *, sessions: int, length: float, share: float, seed: int) -> list[Script]:
    """What the users say: the recordings in orders of their own, with pauses between them."""
    return [_script(files, length=length, share=share, order=random.Random(seed + user)) for user in range(sessions)]


def _silence(duration: float) -> bytes:
    return bytes(round(duration * SAMPLE_RATE) * SAMPLE_BYTES)


def _script(files: Sequence[SpokenFile], *, length: float, share: float, order: random.Random) -> Script:
    pcm, said = bytearray(_silence(order.uniform(0.5, 4.0))), list[str]()
    while len(pcm) < length * SAMPLE_RATE * SAMPLE_BYTES:
        file = order.choice(files)
        spoken = len(file.pcm) / SAMPLE_BYTES / SAMPLE_RATE
        pcm += file.pcm + _silence(max(spoken * (1 / share - 1) * order.uniform(0.6, 1.4), 1.2))
        said.append(file.reference)
    return Script(pcm=bytes(pcm), reference=" ".join(said))


async def remembered(
    users: Sequence[Script], *, chain: str, kills: Sequence[float] = (), seed: int = 1
) -> list[Remembered]:
    """Plays all scripts side by side; returns what is in the memories."""
    vendor = Vendor()
    settings = {"OMI_SPEECH_TO_TEXT__CHAIN": chain, **SAME_RULES, **(vendor.settings if "deepgram" in chain else {})}
    found: dict[int, Remembered] = {}
    async with _serving(settings) as server:
        try:
            await vendor.start()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_kill_at, vendor, kills, random.Random(seed))
                for number, user in enumerate(users):
                    tasks.start_soon(_play, server, number, user, found)
        finally:
            vendor.kill()
    return [found[number] for number in range(len(users))]


@asynccontextmanager
async def _serving(settings: dict[str, str]) -> AsyncIterator[ServerProcess]:
    with tempfile.TemporaryDirectory(prefix="omi-failover-") as folder:
        server = ServerProcess(Path(folder), settings=settings)
        await server.start()
        try:
            yield server
        except BaseException:
            print(server.last_lines(), file=sys.stderr)
            raise
        finally:
            server.kill()


async def _kill_at(vendor: Vendor, moments: Sequence[float], chance: random.Random) -> None:
    began = anyio.current_time()
    for moment in moments:
        await anyio.sleep_until(began + moment)
        vendor.kill()
        await anyio.sleep(chance.uniform(*AWAY_SECONDS))
        await vendor.start()


async def _play(server: ServerProcess, number: int, script: Script, found: dict[int, Remembered]) -> None:
    url = address(server.address, codec=Codec.OPUS_FS320, language="en", interim="false")
    async with connected(url, token=server.token(f"user{number}")) as socket, anyio.create_task_group() as tasks:
        listener = _Listener(socket)
        tasks.start_soon(listener.listen)
        async for packet, _ in paced(packets(script.pcm, Codec.OPUS_FS320), Codec.OPUS_FS320, speed=1.0):
            await socket.send(packet)
        await socket.send('{"type":"end_conversation"}')
        with anyio.move_on_after(MEMORY_SECONDS):
            await listener.done.wait()
        tasks.cancel_scope.cancel()
    found[number] = listener.found


class _Listener:
    def __init__(self, socket: ClientConnection) -> None:
        self.done = anyio.Event()
        self.found = Remembered(text="")
        self._socket = socket
        self._changes = 0

    async def listen(self) -> None:
        async for message in self._socket:
            content = msgspec.json.decode(message)
            if not isinstance(content, dict):
                continue
            if content["type"] == "service_status" and str(content.get("status", "")).startswith("recognizer"):
                self._changes += 1
            elif content["type"] == "new_memory_created":
                self._remember(content["memory"])

    def _remember(self, memory: dict[str, object]) -> None:
        wanted = msgspec.convert(memory, _Memory)
        self.found = Remembered(
            text=" ".join(segment.text for segment in wanted.transcript_segments),
            gaps=sum(gap.end - gap.start for gap in wanted.coverage.gaps),
            transcribed=wanted.coverage.transcribed,
            changes=self._changes,
        )
        self.done.set()


class _Segment(Struct, frozen=True):
    text: str


class _Gap(Struct, frozen=True):
    start: float
    end: float


class _Coverage(Struct, frozen=True):
    transcribed: dict[str, float]
    gaps: list[_Gap]


class _Memory(Struct, frozen=True):
    transcript_segments: list[_Segment]
    coverage: _Coverage
