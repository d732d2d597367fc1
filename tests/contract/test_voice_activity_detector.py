"""What every voice activity detector does."""

import asyncio
import math
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context
from pathlib import Path
from random import Random

import anyio
import anyio.lowlevel
import pytest

from adapters.outbound.voice_activity_detector.fake import (
    FakeVoiceActivityDetector,
    FakeVoiceActivityDetectorSettings,
)
from adapters.outbound.voice_activity_detector.pyannote import (
    PyannoteVoiceActivityDetector,
    PyannoteVoiceActivityDetectorSettings,
)
from adapters.outbound.voice_activity_detector.silero import (
    SileroVoiceActivityDetector,
    SileroVoiceActivityDetectorSettings,
)
from ports.voice_activity_detector import VoiceActivityDetector, VoiceActivityStream
from tests.contract.harness import Harness, over
from tests.support import tiny_models

SECOND = 16_000


@asynccontextmanager
async def silero(_: Path) -> AsyncIterator[VoiceActivityDetector]:
    async with SileroVoiceActivityDetector(SileroVoiceActivityDetectorSettings(tick_seconds=0.01)) as detector:
        yield detector


@asynccontextmanager
async def pyannote(folder: Path) -> AsyncIterator[VoiceActivityDetector]:
    tiny_models.write_segmentation(folder)
    settings = PyannoteVoiceActivityDetectorSettings(model=str(folder), context_seconds=1)
    async with PyannoteVoiceActivityDetector(settings) as detector:
        yield detector


@asynccontextmanager
async def fake(_: Path) -> AsyncIterator[VoiceActivityDetector]:
    yield FakeVoiceActivityDetector(FakeVoiceActivityDetectorSettings())


HARNESSES: dict[str, Harness[VoiceActivityDetector]] = {"silero": silero, "pyannote": pyannote, "fake": fake}


@pytest.fixture(params=over("voice_activity_detector", HARNESSES))
async def detector(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[VoiceActivityDetector]:
    async with request.param(tmp_path) as opened:
        yield opened


def sound(samples: int, *, seed: int = 0) -> bytes:
    """Bursts of a buzzing voice-like sound, different for each seed."""
    random = Random(seed)
    pitch = random.uniform(90, 250)
    pcm = array("h", bytes(2 * samples))
    for i in range(samples):
        loud = 6000 * max(0.0, math.sin(2 * math.pi * i / SECOND))
        pcm[i] = int(loud * ((pitch * i / SECOND) % 1.0 - 0.5) + random.gauss(0, 10))
    return pcm.tobytes()


async def judged(stream: VoiceActivityStream, *, at_least: int) -> tuple[float, ...]:
    probabilities: tuple[float, ...] = ()
    with anyio.fail_after(10):
        while len(probabilities) < at_least:
            probabilities += await stream.judge()
    return probabilities


async def test_each_whole_window_is_judged_once(detector: VoiceActivityDetector):
    async with detector.open_stream() as stream:
        stream.push(sound(20 * detector.window))

        probabilities = await judged(stream, at_least=20)

    assert len(probabilities) == 20
    assert all(0 <= p <= 1 for p in probabilities)


async def test_audio_is_taken_outside_of_tasks_as_the_server_hands_it_over(detector: VoiceActivityDetector):
    async with detector.open_stream() as stream:
        asyncio.get_running_loop().call_soon(stream.push, sound(20 * detector.window), context=Context())

        assert len(await judged(stream, at_least=20)) == 20


async def test_what_does_not_fill_a_window_waits_for_more(detector: VoiceActivityDetector):
    audio = sound(2 * detector.window)
    async with detector.open_stream() as stream:
        stream.push(audio[: 3 * detector.window])
        assert len(await judged(stream, at_least=1)) == 1

        stream.push(audio[3 * detector.window :])
        assert len(await judged(stream, at_least=1)) == 1


async def test_packets_of_any_size_are_judged_alike(detector: VoiceActivityDetector):
    audio, random = sound(3 * SECOND), Random(1)
    async with detector.open_stream() as whole, detector.open_stream() as pieces:
        whole.push(audio)
        at = 0
        while at < len(audio):
            step = 2 * random.randint(1, 900)
            pieces.push(audio[at : at + step])
            at += step
            if random.random() < 0.2:
                await anyio.lowlevel.checkpoint()

        assert await pieces.flush() == pytest.approx(await whole.flush(), abs=1e-5)


async def test_flush_fills_up_the_last_window(detector: VoiceActivityDetector):
    audio = sound(3 * detector.window + 1)
    filled = audio + bytes(2 * (detector.window - 1))
    async with detector.open_stream() as short, detector.open_stream() as long:
        short.push(audio)
        long.push(filled)

        probabilities = await short.flush()

        assert len(probabilities) == 4
        assert probabilities == pytest.approx(await judged(long, at_least=4), abs=1e-5)


async def test_flush_returns_what_judge_did_not(detector: VoiceActivityDetector):
    audio = sound(30 * detector.window)
    async with detector.open_stream() as stream, detector.open_stream() as whole:
        whole.push(audio)
        stream.push(audio)
        first = await stream.judge()

        assert first + await stream.flush() == pytest.approx(await whole.flush(), abs=1e-5)


async def test_flush_without_audio_is_empty(detector: VoiceActivityDetector):
    async with detector.open_stream() as stream:
        with anyio.fail_after(5):
            assert await stream.flush() == ()


async def test_flushing_again_adds_nothing(detector: VoiceActivityDetector):
    async with detector.open_stream() as stream:
        stream.push(sound(700))

        assert len(await stream.flush()) == 2
        assert await stream.flush() == ()


async def test_judge_waits_for_audio(detector: VoiceActivityDetector):
    async with detector.open_stream() as stream, anyio.create_task_group() as tasks:
        answers: list[tuple[float, ...]] = []

        async def listen() -> None:
            answers.append(await stream.judge())

        tasks.start_soon(listen)
        await anyio.wait_all_tasks_blocked()
        assert not answers
        stream.push(sound(detector.window))

    assert [len(answer) for answer in answers] == [1]


async def test_a_canceled_judge_loses_no_window(detector: VoiceActivityDetector):
    audio = sound(2 * SECOND)
    windows = len(audio) // 2 // detector.window
    probabilities: tuple[float, ...] = ()
    async with detector.open_stream() as stream, detector.open_stream() as undisturbed:
        undisturbed.push(audio)
        for at in range(0, len(audio), 640):
            stream.push(audio[at : at + 640])
            with anyio.move_on_after(0.001):
                probabilities += await stream.judge()
        probabilities += await judged(stream, at_least=windows - len(probabilities))

        assert probabilities == pytest.approx(await judged(undisturbed, at_least=windows), abs=1e-5)


async def test_a_canceled_flush_loses_no_window(detector: VoiceActivityDetector):
    audio = sound(SECOND)
    async with detector.open_stream() as stream, detector.open_stream() as undisturbed:
        for each in (stream, undisturbed):
            each.push(audio)
        probabilities: tuple[float, ...] = ()
        with anyio.CancelScope() as scope:
            scope.cancel()
            probabilities += await stream.flush()

        assert probabilities + await stream.flush() == pytest.approx(await undisturbed.flush(), abs=1e-5)


async def test_captures_do_not_mix(detector: VoiceActivityDetector):
    captures = [sound(SECOND + 300 * n, seed=n) for n in range(6)]
    alone = []
    for audio in captures:
        async with detector.open_stream() as stream:
            stream.push(audio)
            alone.append(await stream.flush())
    together: dict[int, tuple[float, ...]] = {}

    async def listen(number: int) -> None:
        async with detector.open_stream() as stream:
            for at in range(0, len(captures[number]), 500):
                stream.push(captures[number][at : at + 500])
                await anyio.lowlevel.checkpoint()
            together[number] = await stream.flush()

    async with anyio.create_task_group() as tasks:
        for number in range(len(captures)):
            tasks.start_soon(listen, number)

    for number, probabilities in enumerate(alone):
        assert together[number] == pytest.approx(probabilities, abs=1e-5)


async def test_leaving_with_audio_not_judged_disturbs_nobody(detector: VoiceActivityDetector):
    async with detector.open_stream() as stays:
        async with detector.open_stream() as leaves:
            leaves.push(sound(40 * detector.window))
            stays.push(sound(40 * detector.window))

        assert len(await judged(stays, at_least=40)) == 40


async def test_a_new_capture_remembers_nothing_of_an_old_one(detector: VoiceActivityDetector):
    first, second = sound(SECOND, seed=1), sound(SECOND, seed=2)
    async with detector.open_stream() as fresh:
        fresh.push(second)
        expected = await fresh.flush()
    async with detector.open_stream() as old:
        old.push(first)
        await old.judge()
    async with detector.open_stream() as new:
        new.push(second)

        assert await new.flush() == pytest.approx(expected, abs=1e-5)
