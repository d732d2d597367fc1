"""Silero over many captures, on real speech."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from adapters.outbound import onnx_models
from adapters.outbound.voice_activity_detector.silero import (
    SileroVoiceActivityDetector,
    SileroVoiceActivityDetectorSettings,
)
from adapters.outbound.voice_activity_detector.silero_model import (
    CONTEXT_BYTES,
    ROUNDS,
    WINDOW_BYTES,
    Judgment,
    SileroModel,
    Stretch,
    blank_state,
)
from adapters.outbound.voice_activity_detector.silero_stream import SileroStream
from adapters.outbound.voice_activity_detector.silero_ticker import SileroTicker
from ports.diagnosis import Condition
from ports.errors import TemporarilyUnavailable
from tests.support import recordings
from tests.support.virtual_time import in_virtual_time

SECOND = 16_000


class CountingSession:
    """The real model, and how many captures each run had."""

    def __init__(self) -> None:
        self._session = onnx_models.session(onnx_models.VOICE_ACTIVITY)
        self.runs: list[int] = []

    def run(self, outputs: None, inputs: dict[str, Any]) -> list[Any]:
        self.runs.append(len(inputs["input"]))
        return self._session.run(outputs, inputs)


class ScriptedModel:
    """Judges every window 0.5; fails as often as it is told."""

    def __init__(self, *, failures: int = 0) -> None:
        self.hops: list[list[int]] = []
        self._failures = failures

    def judge(self, stretches: Sequence[Stretch]) -> list[Judgment]:
        windows = [(len(s.pcm) - CONTEXT_BYTES) // WINDOW_BYTES for s in stretches]
        self.hops.append(windows)
        if len(self.hops) <= self._failures:
            raise TemporarilyUnavailable("out of order")
        return [Judgment((0.5,) * n, s.state) for n, s in zip(windows, stretches, strict=True)]


@pytest.fixture
async def detector() -> AsyncIterator[SileroVoiceActivityDetector]:
    async with SileroVoiceActivityDetector(SileroVoiceActivityDetectorSettings(tick_seconds=0.01)) as opened:
        yield opened


def stream_of(ticker: SileroTicker) -> SileroStream:
    return SileroStream(on_ready=ticker.wait, on_pressing=ticker.press)


async def judged(detector: SileroVoiceActivityDetector, pcm: bytes) -> tuple[float, ...]:
    async with detector.open_stream() as stream:
        stream.push(pcm)
        with anyio.fail_after(20):
            return await stream.flush()


async def test_real_speech_is_judged_speech(detector: SileroVoiceActivityDetector, audio_folder: Path):
    probabilities = await judged(detector, recordings.read(audio_folder / "LJ001-0001.wav"))

    assert sum(p > 0.5 for p in probabilities) > 0.85 * len(probabilities)


async def test_silence_is_not_judged_speech(detector: SileroVoiceActivityDetector):
    assert max(await judged(detector, bytes(2 * 5 * SECOND))) < 0.1


async def test_turns_and_the_pauses_between_them_are_told_apart(
    detector: SileroVoiceActivityDetector, audio_folder: Path
):
    pcm = recordings.read(audio_folder / "conv_2spk.wav")
    turns = recordings.turns(audio_folder / "conv_2spk.rttm")

    probabilities = await judged(detector, pcm)

    between = [p for i, p in enumerate(probabilities) if all(i * 512 >= e or (i + 1) * 512 <= s for s, e, _ in turns)]
    within = [p for i, p in enumerate(probabilities) if any(s <= i * 512 and (i + 1) * 512 <= e for s, e, _ in turns)]
    # Measured: 0.9 % of the pauses and 82 % of the turns, which hold pauses of their own.
    assert sum(p > 0.5 for p in between) <= 0.03 * len(between)
    assert sum(p > 0.5 for p in within) > 0.75 * len(within)


async def test_a_batch_is_judged_like_its_captures_alone(audio_folder: Path):
    pcm = recordings.read(audio_folder / "conv_2spk.wav")
    model = SileroModel.load()
    spans = [(n * 30_000, n % ROUNDS + 1) for n in range(30)]
    stretches = [
        Stretch(pcm[2 * at : 2 * at + CONTEXT_BYTES + windows * WINDOW_BYTES], blank_state()) for at, windows in spans
    ]

    together = model.judge(stretches)

    for stretch, judgment, (_, windows) in zip(stretches, together, spans, strict=True):
        alone = model.judge([stretch])[0]
        assert len(judgment.probabilities) == windows
        assert judgment.probabilities == pytest.approx(alone.probabilities, abs=1e-5)
        assert judgment.state == pytest.approx(alone.state, abs=1e-4)


async def test_a_hundred_captures_share_each_run():
    session = CountingSession()
    stretches = [Stretch(bytes(CONTEXT_BYTES + 2 * WINDOW_BYTES), blank_state()) for _ in range(100)]

    SileroModel(session).judge(stretches)

    assert session.runs == [100, 100]


async def test_a_round_holds_only_captures_that_have_a_window_for_it():
    session = CountingSession()
    stretches = [Stretch(bytes(CONTEXT_BYTES + n * WINDOW_BYTES), blank_state()) for n in (1, 3, 2, 1)]

    judgments = SileroModel(session).judge(stretches)

    assert session.runs == [4, 2, 1]
    assert [len(judgment.probabilities) for judgment in judgments] == [1, 3, 2, 1]


async def test_a_hundred_captures_are_judged_in_runs_of_bounded_size():
    model = ScriptedModel()
    ticker = SileroTicker(model, tick_seconds=0.01)
    streams = [stream_of(ticker) for _ in range(100)]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticker.run)
        for stream in streams:
            stream.push(bytes(2 * WINDOW_BYTES))
        for stream in streams:
            assert await stream.judge() == (0.5, 0.5)
        tasks.cancel_scope.cancel()

    assert model.hops == [[2] * 64, [2] * 36]


def test_captures_that_came_at_different_moments_are_not_judged_together():
    model = ScriptedModel()

    async def talk(stream: SileroStream, *, first: float) -> None:
        await anyio.sleep(first)
        for _ in range(3):
            stream.push(bytes(WINDOW_BYTES))
            await stream.judge()

    async def three_talk() -> None:
        ticker = SileroTicker(model, tick_seconds=0.064)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ticker.run)
            async with anyio.create_task_group() as talking:
                for number in range(3):
                    talking.start_soon(partial(talk, stream_of(ticker), first=0.004 + number * 0.016))
            tasks.cancel_scope.cancel()

    in_virtual_time(three_talk)
    assert model.hops == [[1]] * 9


def test_a_capture_is_judged_once_a_tick_however_often_something_comes():
    model = ScriptedModel()

    async def talk() -> None:
        ticker = SileroTicker(model, tick_seconds=0.064)
        stream = stream_of(ticker)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ticker.run)
            await anyio.sleep(0.005)
            for _ in range(21):
                stream.push(bytes(WINDOW_BYTES))
                await anyio.sleep(0.032)
            tasks.cancel_scope.cancel()

    in_virtual_time(talk)
    assert model.hops == [[1]] + [[2]] * 10


async def test_a_backlog_is_worked_off_in_bounded_hops_without_waiting_for_ticks():
    model = ScriptedModel()
    ticker = SileroTicker(model, tick_seconds=3600)
    stream = stream_of(ticker)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticker.run)
        stream.push(bytes(20 * WINDOW_BYTES))
        with anyio.fail_after(5):
            assert len(await stream.flush()) == 20
        tasks.cancel_scope.cancel()

    assert model.hops == [[8], [8], [4]]


async def test_what_a_capture_leaves_behind_is_not_judged():
    model = ScriptedModel()
    ticker = SileroTicker(model, tick_seconds=0.001)
    leaves, stays = stream_of(ticker), stream_of(ticker)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticker.run)
        leaves.push(bytes(20 * WINDOW_BYTES))
        await leaves.judge()
        leaves.leave()
        stays.push(bytes(30 * WINDOW_BYTES))
        await stays.flush()
        tasks.cancel_scope.cancel()

    windows_of_leaves = sum(map(sum, model.hops)) - 30
    assert windows_of_leaves in {8, 16}  # the hop that was fetched, and the one under way at most


async def test_flush_does_not_wait_for_the_tick():
    ticker = SileroTicker(ScriptedModel(), tick_seconds=3600)
    stream = stream_of(ticker)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticker.run)
        stream.push(bytes(WINDOW_BYTES))
        await stream.judge()
        stream.push(bytes(10))
        with anyio.fail_after(5):
            assert await stream.flush() == (0.5,)
        tasks.cancel_scope.cancel()


async def test_a_failed_run_is_told_to_each_capture_once_and_its_windows_are_judged_next_time():
    model = ScriptedModel(failures=1)
    ticker = SileroTicker(model, tick_seconds=0.01)
    streams = [stream_of(ticker) for _ in range(2)]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticker.run)
        for stream in streams:
            stream.push(bytes(3 * WINDOW_BYTES))
        for stream in streams:
            with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable, match="out of order"):
                await stream.judge()
        for stream in streams:
            with anyio.fail_after(5):
                assert await stream.judge() == (0.5,) * 3
        tasks.cancel_scope.cancel()


async def test_flush_can_be_tried_again_after_a_failure():
    ticker = SileroTicker(ScriptedModel(failures=1), tick_seconds=3600)
    stream = stream_of(ticker)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticker.run)
        stream.push(bytes(WINDOW_BYTES + 2))
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable):
            await stream.flush()
        with anyio.fail_after(5):
            assert await stream.flush() == (0.5, 0.5)
        tasks.cancel_scope.cancel()


async def test_whoever_waits_while_the_detector_closes_learns_it():
    async with (
        anyio.create_task_group() as tasks,
        SileroVoiceActivityDetector(SileroVoiceActivityDetectorSettings()) as detector,
    ):

        async def listen() -> None:
            async with detector.open_stream() as stream:
                with pytest.raises(TemporarilyUnavailable, match="closed"):
                    await stream.judge()

        tasks.start_soon(listen)
        await anyio.wait_all_tasks_blocked()


async def test_an_error_inside_leaves_the_detector_as_it_is():
    with pytest.raises(KeyError):
        async with SileroVoiceActivityDetector(SileroVoiceActivityDetectorSettings()):
            raise KeyError


async def test_a_detector_that_is_not_open_takes_no_captures():
    detector = SileroVoiceActivityDetector(SileroVoiceActivityDetectorSettings())

    with pytest.raises(TemporarilyUnavailable, match="not open"):
        async with detector.open_stream():
            pass


async def test_the_diagnosis_is_that_it_works():
    detector = SileroVoiceActivityDetector(SileroVoiceActivityDetectorSettings())

    assert (await detector.diagnose()).condition is Condition.WORKING
