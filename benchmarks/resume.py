"""Cuts a client's connection again and again, at random bytes, and counts what is lost.

    python -m benchmarks.resume [--cuts 200] [--kills 0] [--seed 1]

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
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
from msgspec import Struct

from adapters.inbound.command_line.opus_encoder import OpusEncoder
from adapters.inbound.command_line.packets import OPUS_SAMPLES
from adapters.outbound.capture_journal.journal_format import LARGEST_HEADER, RecordDecoder, decode_header
from application.listening.conversation_records import NO_AUDIO, Skipped, decoded
from benchmarks.crash import FAKES
from benchmarks.cutting_proxy import CuttingProxy, random_cuts
from benchmarks.server_process import ServerProcess
from benchmarks.talker import LONG_PAUSE, PACKET, PLACES, SHORT_PAUSE, SILENT, payload
from domain import watermark
from domain.audio import Codec
from examples.resumable_client import ResumableClient
from ports.capture_journal import RecordKind

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
    """One client, one server, and a bad network in between."""

    def __init__(self, server: ServerProcess, *, seed: int, kills: int, codec: Codec) -> None:
        self._server = server
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
            f"ws://127.0.0.1:{proxy.port}/{'v4/listen' if self._kills else 'listen'}?codec={self._codec}&{QUERY}",
            token=self._server.token(USER),
            rate=16_000,
            on_message=self._told.append,
        )
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.run)
            tasks.start_soon(self._kill)
            await self._talk(client, proxy.exhausted)
            client.finish()
            tasks.cancel_scope.deadline = anyio.current_time() + FINISH_SECONDS
        return self._outcome(client, cuts=len(proxy.made), elapsed=time.monotonic() - began)

    async def _kill(self) -> None:
        for _ in range(self._kills):
            await anyio.sleep(self._random.uniform(1, 4))
            self._server.kill()
            await self._server.start()
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

    def _outcome(self, client: ResumableClient, *, cuts: int, elapsed: float) -> Outcome:
        stored, absent = _journal(self._server.data_dir)
        captured, kept = Counter(self._captured), Counter(stored)
        moved = sum(sent != has for sent, has in zip(self._captured, stored, strict=False))
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
            samples=len(self._captured) * SAMPLES,
            packets_again=counts.packets_again,
            samples_lost=(captured - kept).total() * SAMPLES,
            samples_doubled=(kept - captured).total() * SAMPLES,
            samples_misplaced=moved * SAMPLES + absent,
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
        elif message["type"] == "segments_deleted":
            shown = {name: segment for name, segment in shown.items() if name not in message["segment_ids"]}
    segments = list(shown.values())
    if segments and "id" in segments[0]:
        segments.sort(key=lambda segment: segment["start"])
    return [word for segment in segments for word in segment["text"].split()]


def _number(word: str) -> int:
    return int(word.removeprefix("word"))


def _journal(data_dir: Path) -> tuple[list[bytes], int]:
    """The packets that a server has written down, in order, and the samples without audio that it believes in."""
    packets: list[bytes] = []
    absent = 0
    for path in sorted((data_dir / "journal").glob("*.journal"), key=_opened_at):
        content = path.read_bytes()
        header = decode_header(content[:LARGEST_HEADER])
        for record in RecordDecoder().feed(content[header.size if header else 0 :]):
            if record.kind is RecordKind.PACKET:
                packets.append(record.payload)
            elif record.kind is RecordKind.SKIPPED:
                skipped = decoded(record)
                absent += skipped.samples if isinstance(skipped, Skipped) and skipped.reason == NO_AUDIO else 0
    return packets, absent


def _opened_at(path: Path) -> int:
    header = decode_header(path.read_bytes()[:LARGEST_HEADER])
    return header.opened_at if header else 0


async def cut_again_and_again(
    *, cuts: int, seed: int, kills: int = 0, codec: Codec = Codec.PCM16, most_up: int = 30_000, most_down: int = 1_500
) -> Outcome:
    """The count.

    Args:
        cuts: how many connections are cut.
        seed: of where they are.
        kills: how often the server is killed besides.
        codec: of the packets; Opus of 20 ms, or plain samples.
        most_up: bytes from the client after which a connection is cut at the latest.
        most_down: the same for bytes to the client.
    """
    with tempfile.TemporaryDirectory(prefix="omi-resume-") as folder:
        server = ServerProcess(Path(folder), settings=SETTINGS)
        try:
            await server.start()
            planned = random_cuts(cuts, seed=seed, most_up=most_up, most_down=most_down)
            async with CuttingProxy(server.port, planned).running() as proxy:
                return await ResumeRun(server, seed=seed, kills=kills, codec=codec).run(proxy)
        finally:
            server.kill()


def main() -> None:
    """Prints figures; exits with 1 when anything was lost, missed or doubled."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resume", description=__doc__.split("\n")[0])
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--codec", type=Codec, choices=(Codec.PCM16, Codec.OPUS_FS320), default=Codec.PCM16)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    # Opus packets are a tenth of the size: so that cuts fall as often.
    most_up = 30_000 if given.codec is Codec.PCM16 else 3_000
    outcome = anyio.run(
        lambda: cut_again_and_again(
            cuts=given.cuts, kills=given.kills, seed=given.seed, codec=given.codec, most_up=most_up
        )
    )
    for name in outcome.__struct_fields__:
        print(f"{getattr(outcome, name):>12,}  {name.replace('_', ' ')}")
    sys.exit(int(outcome.total > 0))


if __name__ == "__main__":
    main()
