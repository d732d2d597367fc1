"""What it does to a recognizer and to the event loop when voices are encoded beside them, all on one core.

The server's own figures need a machine on which nobody else works. These are ratios of what happened in one process, in
turns of a few seconds, and hold on a busy one.
"""

import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread

from adapters.outbound.speaker_encoder.wespeaker import WeSpeakerSpeakerEncoder, WeSpeakerSpeakerEncoderSettings
from adapters.outbound.speech_to_text.moonshine_model import MoonshineModel
from benchmarks.figures import Figure, percentile
from benchmarks.pinned import other_cores, pinned
from benchmarks.speech import conversation
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from ports.speaker_encoder import SpeakerEncoder

ROUNDS = 4
TURN_SECONDS = 4.0
PAUSE_SECONDS = 0.2
"""Between two utterances that are decoded."""
TICK_SECONDS = 0.005
TICK_WORK = 15_000
"""Steps of a loop at each tick: about a millisecond, like that of a server with streams."""
HEARD = 4 * SAMPLE_RATE * SAMPLE_BYTES
"""Bytes of an utterance."""
VOICE = 5 * SAMPLE_RATE * SAMPLE_BYTES


class Turns:
    """What was measured in all turns of one kind."""

    def __init__(self) -> None:
        self.decoded: list[float] = []
        """Seconds for each utterance."""
        self.late: list[float] = []
        """Seconds that the event loop was late."""


async def measure() -> list[Figure]:
    """A recognizer alone and beside an encoder that never rests, by turns: 40 s."""
    alone, beside = Turns(), Turns()
    with pinned({min(other_cores())}):
        model = MoonshineModel()
        async with WeSpeakerSpeakerEncoder(WeSpeakerSpeakerEncoderSettings()) as encoder:
            for _ in range(ROUNDS):
                await _listen(model, alone)
                async with _encoding(encoder):
                    await _listen(model, beside)
    return [
        *(_decoded(percent, alone, beside) for percent in (50, 90)),
        *(_late(percent, alone, beside) for percent in (90, 99)),
    ]


async def _listen(model: MoonshineModel, turns: Turns) -> None:
    until = time.monotonic() + TURN_SECONDS
    pcm = conversation()[:HEARD]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_tick, turns)
        while time.monotonic() < until:
            began = time.monotonic()
            await anyio.to_thread.run_sync(model.decode, pcm)
            turns.decoded.append(time.monotonic() - began)
            await anyio.sleep(PAUSE_SECONDS)
        tasks.cancel_scope.cancel()


async def _tick(turns: Turns) -> None:
    while True:
        due = time.monotonic() + TICK_SECONDS
        await anyio.sleep(TICK_SECONDS)
        turns.late.append(max(time.monotonic() - due, 0.0))
        for number in range(TICK_WORK):
            math.sqrt(number)


@asynccontextmanager
async def _encoding(encoder: SpeakerEncoder) -> AsyncIterator[None]:
    pcm = conversation()[:VOICE]

    async def encode() -> None:
        while True:
            await encoder.encode(pcm)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(encode)
        yield
        tasks.cancel_scope.cancel()


def _decoded(percent: int, alone: Turns, beside: Turns) -> Figure:
    first, second = (percentile(turns.decoded, percent) * 1e3 for turns in (alone, beside))
    remark = f"{second:.0f} ms beside an encoder that never rests, {first:.0f} ms alone, on one core"
    return Figure(what=f"decoding an utterance, p{percent}", value=second / first, unit="times", remark=remark)


def _late(percent: int, alone: Turns, beside: Turns) -> Figure:
    first, second = (percentile(turns.late, percent) * 1e3 for turns in (alone, beside))
    remark = f"{second:.1f} ms beside it, {first:.1f} ms alone: lateness of the event loop"
    return Figure(what=f"event loop, p{percent}", value=second / first, unit="times", remark=remark)
