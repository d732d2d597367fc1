"""How many live streams a core bears, how late words become, and what a stream weighs."""

import math
import time
from collections.abc import Sequence

import anyio
from msgspec import Struct

from benchmarks.figures import Figure, percentile
from benchmarks.phones import Crowd, Mark, crowd
from benchmarks.pinned import MEBIBYTE, Span, Usage, scripted_server
from benchmarks.speech import conversation, frames, packet_samples
from domain.audio import SAMPLE_RATE, Codec

SECONDS = 8.0
"""Of each measurement."""
TRIES = 3
DISTURBED = 0.1
"""Share of the server's core that others may have before a measurement is tried again."""
SETTLING = 3.0
"""Seconds after phones joined that do not count."""
STEPS = {Codec.OPUS: (50, 100, 150), Codec.OPUS_FS320: (100, 220)}
"""Streams at a time; the last is what we want a core to bear."""
TARGETS = {Codec.OPUS: 150, Codec.OPUS_FS320: 220}
REPORTED = 100
"""Streams at which latency and memory are told."""
PROMPT = 0.25
"""Seconds; a server that is later than this at its 99th percentile has fallen behind."""
ENOUGH_MARKS = 20


class Load(Struct, frozen=True, kw_only=True):
    """A server under so many streams."""

    codec: Codec
    streams: int
    span: Span
    marks: tuple[Mark, ...]
    memory: float
    """Bytes for each stream."""
    missing: int
    """Connections that were cut, and bytes that the server did not take."""
    client_late: float
    """Seconds that the client itself was late, at worst."""

    @property
    def keeps_up(self) -> bool:
        """Whether what came in went out in time: else the processor time is that of less work than was asked for."""
        return not self.missing and self.worst < PROMPT

    @property
    def worst(self) -> float:
        """Seconds from a packet to the recognizer, 99th percentile."""
        late = [mark.to_recognizer for mark in self.marks]
        return percentile(late, 99) if len(late) >= ENOUGH_MARKS else math.inf

    @property
    def state(self) -> str:
        """For people."""
        kept = "keeps up" if self.keeps_up else "FALLS BEHIND"
        if self.span.others > DISTURBED:
            kept = "DISTURBED, does not count"
        others = f"others had {self.span.others:.0%} of the core"
        return f"{self.span.cores:.0%} of a core, p99 {self.worst * 1e3:.0f} ms: {kept}; {others}"


async def measure() -> list[Figure]:
    """Streams per core, latency, memory: about 100 seconds."""
    figures: list[Figure] = []
    for codec, steps in STEPS.items():
        loads = await under(codec, steps)
        figures += [_streams(load) for load in loads]
        figures += [figure for load in loads if load.streams == REPORTED for figure in (*_latency(load), _memory(load))]
    return figures


async def latency() -> list[Figure]:
    """Latency alone."""
    loads = [load for codec in STEPS for load in await under(codec, (REPORTED,))]
    return [figure for load in loads for figure in (_streams(load), *_latency(load))]


async def under(codec: Codec, steps: Sequence[int]) -> list[Load]:
    """A fresh server under more and more streams."""
    sound = frames(conversation(), codec)
    async with scripted_server() as server:
        usage = Usage(server.pid)
        empty = usage.memory
        async with crowd(sound, port=server.port, codec=codec) as people:
            return [await _step(streams, codec, people, usage, empty) for streams in steps]


async def _step(streams: int, codec: Codec, people: Crowd, usage: Usage, empty: int) -> Load:
    """The least disturbed of some tries."""
    await people.join(streams - len(people.phones))
    await anyio.sleep(SETTLING)
    tries: list[Load] = []
    while len(tries) < TRIES and (not tries or tries[-1].span.others > DISTURBED):
        people.latest, began = 0.0, time.monotonic()
        span = await usage.during(SECONDS)
        tries.append(
            Load(
                codec=codec,
                streams=streams,
                span=span,
                marks=tuple(people.marks(since=began)),
                memory=(usage.memory - empty) / streams,
                missing=people.lost + people.unsent,
                client_late=people.latest,
            )
        )
    return min(tries, key=lambda load: load.span.others)


def _streams(load: Load) -> Figure:
    what = f"streams per core, {_name(load.codec)}, at {load.streams} streams"
    target = f"target {TARGETS[load.codec]}; " if load.streams >= TARGETS[load.codec] else ""
    return Figure(what=what, value=load.streams / load.span.cores, unit="streams", remark=target + load.state)


def _latency(load: Load) -> list[Figure]:
    ways = {
        "packet in -> recognizer": [mark.to_recognizer for mark in load.marks],
        "word from recognizer -> client": [mark.to_client for mark in load.marks],
        "added together": [mark.to_recognizer + mark.to_client for mark in load.marks],
    }
    if len(load.marks) < ENOUGH_MARKS:
        return [Figure(what="latency", value=math.nan, unit="ms", remark="too few words came back")]
    return [
        Figure(
            what=f"{way}, p{percent}, {_name(load.codec)}",
            value=percentile(values, percent) * 1e3,
            unit="ms",
            remark=f"{load.streams} streams, {len(values)} words, client up to {load.client_late * 1e3:.0f} ms late"
            + ("; target 10" if percent == 99 else ""),
        )
        for way, values in ways.items()
        for percent in (50, 99)
    ]


def _memory(load: Load) -> Figure:
    remark = f"at {load.streams} streams, private memory; target 0.5"
    return Figure(
        what=f"memory of a stream, {_name(load.codec)}", value=load.memory / MEBIBYTE, unit="MiB", remark=remark
    )


def _name(codec: Codec) -> str:
    return f"Opus {packet_samples(codec) * 1000 // SAMPLE_RATE} ms"
