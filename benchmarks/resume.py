"""Cuts a client's connection again and again, at random bytes, and counts what is lost.

    python -m benchmarks.resume [--cuts 200] [--kills 0] [--servers 1] [--seed 1]

The real server in a process of its own, and the published client (`examples/resumable_client.py`) behind a network
that cuts each connection after a random number of bytes, in either direction: in the handshake, in the middle of a
message, closed, reset, or so that the server does not notice. The client speaks on all the while, in real time.

Speech is watermarked, each word has its number; recognizer and detector are the fakes that read such speech. At the
end the journal is compared to what was captured, packet by packet; the events that the client was given to the
numbers that the server gave them; and the words among them to the words that were said.

With `--codec opus_fs320` the packets are Opus, whose lengths the server does not know; words are not counted then,
because their numbers do not survive it.

With `--kills` the server is killed (`kill -9`) now and then, and started again on the same data. Its events die with
it: then the transcript that the client shows at the end is compared, which it replaces by the segments it is told.

With `--servers 2` each connection goes to the next of two servers, which share a Redis; either is killed now and then.
What is compared then is the journal in Redis.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
from msgspec import Struct

from adapters.inbound.command_line.opus_encoder import OpusEncoder
from adapters.inbound.command_line.packets import OPUS_SAMPLES
from benchmarks.crash import FAKES
from benchmarks.cutting_proxy import CuttingProxy, random_cuts
from benchmarks.server_process import ServerProcess
from benchmarks.stored_capture import StoredCapture, in_files, in_redis
from benchmarks.talker import LONG_PAUSE, PACKET, PLACES, SHORT_PAUSE, SILENT, payload
from benchmarks.two_servers import two_servers
from domain import watermark
from domain.audio import Codec
from examples.resumable_client import ResumableClient

SETTINGS = FAKES | {"OMI_VAULT__NAME": "none"}
"""Nothing is sealed: the journal is read by somebody who has no keys."""
QUERY = "sample_rate=16000&language=en"
SAMPLES = PACKET // 2
FINISH_SECONDS = 60.0
USER = "talker"


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of it. `total` is what ought to be 0."""

    cuts: int
    kills: int
    seconds: float
    connections: int
    sessions: int
    conversations: int
    samples: int
    packets_again: int
    samples_lost: int
    samples_doubled: int
    samples_misplaced: int
    """Samples of packets that are not where they belong in the order, and time without audio that there was not."""
    samples_unacknowledged: int
    events: int
    events_missed: int
    events_doubled: int
    words: int
    words_missed: int
    words_doubled: int
    words_misplaced: int

    @property
    def total(self) -> int:
        """Everything that ought to be 0."""
        bad = ("lost", "doubled", "misplaced", "missed", "unacknowledged")
        return sum(getattr(self, name) for name in self.__struct_fields__ if name.endswith(bad))


class ResumeRun:
    """One client, one server or two, and a bad network in between."""

    def __init__(self, scene: "Scene", *, seed: int, kills: int, codec: Codec) -> None:
        self._scene = scene
        self._is_shown = kills > 0 or len(scene.servers) > 1
        """Events die with their process; what is shown does not."""
        self._codec = codec
        self._encode = OpusEncoder(SAMPLES).encode if codec in OPUS_SAMPLES else bytes
        self._kills = kills
        self._killed = anyio.Event()
        self._random = random.Random(seed)
        self._captured: list[bytes] = []
        self._said: list[str] = []
        self._told: list[Any] = []

    async def run(self, proxy: CuttingProxy) -> Outcome:
        """Talks until every cut was made; then listens to the end, and counts."""
        began = time.monotonic()
        client = ResumableClient(
            f"ws://127.0.0.1:{proxy.port}/{'v4/listen' if self._is_shown else 'listen'}?codec={self._codec}&{QUERY}",
            token=self._scene.servers[0].token(USER),
            rate=16_000,
            on_message=self._told.append,
        )
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.run)
            tasks.start_soon(self._kill)
            await self._talk(client, proxy.exhausted)
            client.finish()
            tasks.cancel_scope.deadline = anyio.current_time() + FINISH_SECONDS
        stored = await self._scene.stored()
        return self._outcome(client, stored, cuts=len(proxy.made), elapsed=time.monotonic() - began)

    async def _kill(self) -> None:
        for _ in range(self._kills):
            await anyio.sleep(self._random.uniform(1, 4))
            server = self._random.choice(self._scene.servers)
            server.kill()
            if len(self._scene.servers) > 1:  # shorter than a lease, and longer
                await anyio.sleep(self._random.choice((0.0, 2.0, 7.0)))
            await server.start()
        self._killed.set()

    async def _talk(self, client: ResumableClient, exhausted: anyio.Event) -> None:
        due = time.monotonic()
        for packet in self._speech(exhausted):
            self._captured.append(self._encode(payload(packet)))
            client.capture(self._captured[-1], samples=SAMPLES)
            due += SAMPLES / 16_000
            await anyio.sleep(max(due - time.monotonic(), 0))

    def _speech(self, exhausted: anyio.Event) -> Iterator[int]:
        number = 0
        while not (exhausted.is_set() and self._killed.is_set()):
            self._said.append(watermark.text_of(number))
            yield from range(number * PLACES, (number + 1) * PLACES)
            yield from [SILENT] * (LONG_PAUSE if self._random.random() < 0.15 else SHORT_PAUSE)
            number += 1
        yield from [SILENT] * LONG_PAUSE

    def _outcome(self, client: ResumableClient, stored: StoredCapture, *, cuts: int, elapsed: float) -> Outcome:
        captured, kept = Counter(self._captured), Counter(stored.packets)
        moved = sum(sent != has for sent, has in zip(self._captured, stored.packets, strict=False))
        is_counted = self._codec is Codec.PCM16
        said, words = (self._said, _shown(self._told)) if is_counted else ([], [])
        heard = Counter(words)
        counts = client.counts
        return Outcome(
            cuts=cuts,
            kills=self._kills,
            seconds=round(elapsed, 1),
            connections=counts.connections,
            sessions=counts.sessions,
            conversations=stored.conversations,
            samples=len(self._captured) * SAMPLES,
            packets_again=counts.packets_again,
            samples_lost=(captured - kept).total() * SAMPLES,
            samples_doubled=(kept - captured).total() * SAMPLES,
            samples_misplaced=moved * SAMPLES + stored.absent,
            samples_unacknowledged=sum(at >= client.durable for at in range(0, len(self._captured) * SAMPLES, SAMPLES)),
            events=counts.events,
            events_missed=counts.events_missed,
            events_doubled=counts.events_doubled,
            words=len(said),
            words_missed=len(set(said) - heard.keys()),
            words_doubled=sum(count - 1 for count in heard.values()),
            words_misplaced=sum(_number(one) >= _number(next_one) for one, next_one in pairwise(words)),
        )


def _shown(told: list[Any]) -> list[str]:
    """The words that a client shows: segments with an `id` replace what it showed of them before."""
    shown: dict[Any, Any] = {}
    for message in told:
        if isinstance(message, list):
            shown |= {segment.get("id", len(shown) + number): segment for number, segment in enumerate(message)}
        elif message["type"] == "snapshot":  # there is one conversation
            shown = {segment["id"]: segment for segment in message["message"]}
        elif message["type"] == "segments_deleted":
            shown = {name: segment for name, segment in shown.items() if name not in message["segment_ids"]}
    segments = list(shown.values())
    if segments and "id" in segments[0]:
        segments.sort(key=lambda segment: segment["start"])
    return [word for segment in segments for word in segment["text"].split()]


def _number(word: str) -> int:
    return int(word.removeprefix("word"))


class Scene(Struct, frozen=True, kw_only=True):
    """What the client talks to."""

    servers: Sequence[ServerProcess]
    port: int
    """Where they are reached."""
    stored: Callable[[], Awaitable[StoredCapture]]
    """Reads what they have written down."""


@asynccontextmanager
async def _one_server(folder: Path) -> AsyncIterator[Scene]:
    server = ServerProcess(folder, settings=SETTINGS)
    try:
        await server.start()
        yield Scene(servers=[server], port=server.port, stored=partial(in_files, server.data_dir))
    finally:
        server.kill()


@asynccontextmanager
async def _two_servers(folder: Path) -> AsyncIterator[Scene]:
    async with two_servers(folder) as (servers, proxy, redis):
        yield Scene(servers=servers, port=proxy.port, stored=partial(in_redis, redis))


SCENES = {1: _one_server, 2: _two_servers}
"""By how many servers there are."""


async def cut_again_and_again(
    *,
    cuts: int,
    seed: int,
    kills: int = 0,
    servers: int = 1,
    codec: Codec = Codec.PCM16,
    most_up: int = 30_000,
    most_down: int = 1_500,
) -> Outcome:
    """The count.

    Args:
        cuts: how many connections are cut.
        seed: of where they are.
        kills: how often a server is killed besides.
        servers: one, or two that share what they write down.
        codec: of the packets; Opus of 20 ms, or plain samples.
        most_up: bytes from the client after which a connection is cut at the latest.
        most_down: the same for bytes to the client.
    """
    planned = random_cuts(cuts, seed=seed, most_up=most_up, most_down=most_down)
    with tempfile.TemporaryDirectory(prefix="omi-resume-") as folder:
        async with SCENES[servers](Path(folder)) as scene, CuttingProxy(scene.port, planned).running() as proxy:
            return await ResumeRun(scene, seed=seed, kills=kills, codec=codec).run(proxy)


def main() -> None:
    """Prints figures; exits with 1 when anything was lost, missed or doubled."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resume", description=__doc__.split("\n")[0])
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--servers", type=int, choices=tuple(SCENES), default=1)
    parser.add_argument("--codec", type=Codec, choices=(Codec.PCM16, Codec.OPUS_FS320), default=Codec.PCM16)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    # Opus packets are a tenth of the size: so that cuts fall as often.
    most_up = 30_000 if given.codec is Codec.PCM16 else 3_000
    outcome = anyio.run(
        lambda: cut_again_and_again(
            cuts=given.cuts,
            kills=given.kills,
            servers=given.servers,
            seed=given.seed,
            codec=given.codec,
            most_up=most_up,
        )
    )
    for name in outcome.__struct_fields__:
        print(f"{getattr(outcome, name):>12,}  {name.replace('_', ' ')}")
    sys.exit(int(outcome.total > 0))


if __name__ == "__main__":
    main()
