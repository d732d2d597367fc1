"""Real speech through the real server, while its vendor is killed again and again.

    python -m benchmarks.failover_live [AUDIO] [--sessions 20] [--seconds 120] [--share 0.25] [--kills 5] [--seed 1]

The vendor is `omi simulate deepgram --hear speech` in a process of its own: a recognizer behind Deepgram's protocol,
ended with `kill -9` at random moments and started again some seconds later. The server's chain is that vendor, then
its own recognizer. All users speak at real time, one after the other pauses: the share of speech says how much work
there is, because two recognizers share this machine with everything else.

The memories of all users are compared to those of a run without kills. Both recognizers cut utterances by one rule, or
they would differ without any fault. They still do where a cut falls elsewhere: a third run, in which the server's own
recognizer hears everything, says how much of the difference is the recognizer's own. What is missing shows as words
in a row that one run has and the other has nothing for.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path

import anyio
import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection

from adapters.inbound.command_line.live_socket import address, connected
from adapters.inbound.command_line.pace import paced
from adapters.inbound.command_line.packets import packets
from benchmarks.server_process import ROOT, ServerProcess, free_port
from benchmarks.spoken_files import SpokenFile, default_folder, spoken_files
from benchmarks.word_alignment import Fate, fates
from benchmarks.word_error_rate import WordErrors, normalized, total, word_errors
from bootstrap.commands_simulate import LONGEST_UTTERANCE
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, Codec

LONGEST_FILE = 12.0
"""Seconds. Long recordings are of several voices at once."""
KEY = "a-key-for-benchmarks"
MEMORY_SECONDS = 90.0
AWAY_SECONDS = (1.0, 4.0)
"""For how long the vendor is gone."""
IN_A_ROW = 4
"""So many words missing in a row are not a recognizer's whim."""
MOST_DIFFERENCE = 0.01
"""Word error rate that faults may add to the recognizer's own difference."""


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


class Vendor:
    """A simulated vendor in a process of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Starts it; returns when it listens."""
        command = [sys.executable, "-m", "bootstrap.main", "simulate", "deepgram", "--hear", "speech"]
        options = ["--port", str(self.port), "--key", KEY]
        self._process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: ASYNC220
        with anyio.fail_after(30):
            while True:
                try:
                    stream = await anyio.connect_tcp("127.0.0.1", self.port)
                except OSError:
                    await anyio.sleep(0.05)
                else:
                    return await stream.aclose()

    def kill(self) -> None:
        """Ends it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


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
    settings = {
        "OMI_SPEECH_TO_TEXT__CHAIN": chain,
        "OMI_SPEECH_TO_TEXT__DEEPGRAM__URL": f"ws://127.0.0.1:{vendor.port}",
        "OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY": KEY,
    }
    if "deepgram" not in chain:
        settings = {"OMI_SPEECH_TO_TEXT__CHAIN": chain}
    settings["OMI_SPEECH_TO_TEXT__MOONSHINE__LONGEST_UTTERANCE"] = str(LONGEST_UTTERANCE)
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


def missing(before: str, *, after: str) -> list[str]:
    """Passages of one transcript that another one has nothing for."""
    words = normalized(before)
    found = groupby(zip(words, fates(words, normalized(after)), strict=True), key=lambda pair: pair[1])
    passages = [[word for word, _ in pairs] for fate, pairs in found if fate is Fate.DELETED]
    return [" ".join(passage) for passage in passages if len(passage) >= IN_A_ROW]


def kill_times(*, kills: int, length: float, seed: int) -> list[float]:
    """Random moments, one in each stretch of the run: a vendor that is not used cannot be missed."""
    stretch = (length - 10.0) / max(kills, 1)
    chance = random.Random(seed)
    return [8.0 + stretch * number + chance.uniform(0.0, stretch * 0.4) for number in range(kills)]


def _compared(one: Sequence[Remembered], other: Sequence[Remembered]) -> WordErrors:
    return total(word_errors(before.text, heard=after.text) for before, after in zip(one, other, strict=True))


def _against_truth(users: Sequence[Script], heard: Sequence[Remembered]) -> WordErrors:
    return total(word_errors(user.reference, heard=one.text) for user, one in zip(users, heard, strict=True))


def _told(name: str, users: Sequence[Script], heard: Sequence[Remembered]) -> None:
    shares: dict[str, float] = {}
    for one in heard:
        for recognizer, duration in one.transcribed.items():
            shares[recognizer] = shares.get(recognizer, 0.0) + duration
    who = ", ".join(f"{recognizer} {duration:.0f} s" for recognizer, duration in sorted(shares.items()))
    rate = _against_truth(users, heard).rate
    gaps, changes = sum(one.gaps for one in heard), sum(one.changes for one in heard)
    print(f"{name}: error against the truth {rate:.2%}; heard by {who}; gaps {gaps:.1f} s; {changes} changes told")


async def run(arguments: argparse.Namespace) -> bool:
    """Plays three runs and prints what differs; says whether the promise was kept."""
    files = [f for f in spoken_files(arguments.audio) if len(f.pcm) <= LONGEST_FILE * SAMPLE_RATE * SAMPLE_BYTES]
    users = scripts(
        files, sessions=arguments.sessions, length=arguments.seconds, share=arguments.share, seed=arguments.seed
    )
    kills = kill_times(kills=arguments.kills, length=arguments.seconds, seed=arguments.seed)
    chain = "deepgram,moonshine"
    undisturbed = await remembered(users, chain=chain)
    _told("without kills", users, undisturbed)
    killed = await remembered(users, chain=chain, kills=kills, seed=arguments.seed)
    _told(f"killed at {', '.join(f'{moment:.0f}' for moment in kills)} s", users, killed)
    local = await remembered(users, chain="moonshine")
    _told("own recognizer alone", users, local)
    difference, noise = _compared(undisturbed, killed), _compared(undisturbed, local)
    lost = [m for one, other in zip(undisturbed, killed, strict=True) for m in missing(one.text, after=other.text)]
    print(f"{len(users)} sessions, {difference.words} words, {len(kills)} kills")
    print(f"difference that the kills made: {difference.rate:.2%} ({difference.errors} words)")
    print(f"difference between two recognizers of the same model, without faults: {noise.rate:.2%}")
    print(f"passages of {IN_A_ROW} words or more that are missing: {len(lost)}")
    beyond_noise = difference.rate - noise.rate
    print(f"difference beyond that: {beyond_noise:.2%}")
    return difference.rate <= MOST_DIFFERENCE and not lost and not sum(one.gaps for one in killed)


def main() -> None:
    """Runs and prints; exit code 1 when something is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.failover_live")
    parser.add_argument("audio", nargs="?", type=Path, default=default_folder())
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--share", type=float, default=0.25, help="of the time in which somebody speaks")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    sys.exit(not anyio.run(run, parser.parse_args()))


if __name__ == "__main__":
    main()
