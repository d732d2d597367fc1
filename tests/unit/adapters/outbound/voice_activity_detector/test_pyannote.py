"""pyannote's segmentation model over live captures."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import anyio
import numpy as np
import pytest

from adapters.outbound.hub_models import ModelSource
from adapters.outbound.torch_models import Device
from adapters.outbound.voice_activity_detector.pyannote import (
    PyannoteVoiceActivityDetector,
    PyannoteVoiceActivityDetectorSettings,
)
from adapters.outbound.voice_activity_detector.pyannote_model import WINDOW, PyannoteModel
from adapters.outbound.voice_activity_detector.pyannote_rounds import PyannoteRounds
from adapters.outbound.voice_activity_detector.pyannote_stream import PyannoteStream
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from tests.support import tiny_models

SECOND = 16_000
STEP = 4
CONTEXT = 10


class ScriptedModel:
    """Gives each window the loudness at its end as a probability; fails as often as it is told."""

    def __init__(self, *, failures: int = 0) -> None:
        self.rounds: list[list[int]] = []
        self.lengths: set[int] = set()
        self._failures = failures

    def judge(self, stretches: Sequence[bytearray], windows: Sequence[int]) -> list[tuple[float, ...]]:
        self.rounds.append(list(windows))
        self.lengths |= {len(stretch) // 2 for stretch in stretches}
        if len(self.rounds) <= self._failures:
            raise TemporarilyUnavailable("out of order")
        samples = [
            np.frombuffer(stretch, "<i2")[-count * WINDOW :] for stretch, count in zip(stretches, windows, strict=True)
        ]
        return [tuple(float(value) / 1000 for value in row[WINDOW - 1 :: WINDOW]) for row in samples]


class Scene:
    """Rounds over a scripted model, and captures of it."""

    def __init__(self, model: ScriptedModel, *, batch: int = 16) -> None:
        self.model = model
        self.rounds = PyannoteRounds(model, batch=batch)  # type: ignore[arg-type]

    def capture(self) -> PyannoteStream:
        return PyannoteStream(context=CONTEXT, step=STEP, patience=3600, on_ready=self.rounds.join)


def numbered(*numbers: int) -> bytes:
    """Windows that each hold one number."""
    return np.repeat(np.array(numbers, "<i2"), WINDOW).tobytes()


def loud(samples: int) -> bytes:
    return np.random.default_rng(0).normal(0, 3000, samples).astype("<i2").tobytes()


@pytest.fixture
def source(tmp_path: Path) -> ModelSource:
    tiny_models.write_segmentation(tmp_path)
    return ModelSource(name=str(tmp_path), setting="OMI_X")


@pytest.fixture
async def detector(source: ModelSource) -> AsyncIterator[PyannoteVoiceActivityDetector]:
    settings = PyannoteVoiceActivityDetectorSettings(model=source.name, context_seconds=2)
    async with PyannoteVoiceActivityDetector(settings) as opened:
        yield opened


async def test_a_step_is_judged_as_soon_as_it_is_whole_and_the_rest_waits():
    scene = Scene(ScriptedModel())
    stream = scene.capture()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.rounds.run)
        stream.push(numbered(1, 2, 3, 4, 5))

        assert await stream.judge() == (0.001, 0.002, 0.003, 0.004)
        stream.push(numbered(6, 7))
        assert await stream.flush() == (0.005, 0.006, 0.007)
        tasks.cancel_scope.cancel()

    assert scene.model.rounds == [[4], [3]]
    assert scene.model.lengths == {CONTEXT * WINDOW}


async def test_a_backlog_is_judged_step_by_step_and_whole():
    scene = Scene(ScriptedModel())
    stream = scene.capture()
    numbers = tuple(range(1, 31))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.rounds.run)
        stream.push(numbered(*numbers))

        assert await stream.flush() == tuple(number / 1000 for number in numbers)
        tasks.cancel_scope.cancel()

    assert scene.model.rounds == [[4]] * 7 + [[2]]


async def test_captures_that_wait_share_a_round_as_far_as_there_is_room():
    scene = Scene(ScriptedModel(), batch=3)
    streams = [scene.capture() for _ in range(5)]
    for number, stream in enumerate(streams):
        stream.push(numbered(*[number] * STEP))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.rounds.run)
        judged = [await stream.judge() for stream in streams]
        tasks.cancel_scope.cancel()

    assert judged == [(number / 1000,) * STEP for number in range(5)]
    assert [len(each) for each in scene.model.rounds] == [3, 2]


@pytest.mark.parametrize("method", ["judge", "flush"])
async def test_a_failure_is_told_once_and_the_windows_are_judged_by_the_next_call(method: str):
    scene = Scene(ScriptedModel(failures=1))
    stream = scene.capture()
    stream.push(numbered(1, 2, 3, 4))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.rounds.run)
        with pytest.raises(TemporarilyUnavailable, match="out of order"):
            await getattr(stream, method)()

        assert await getattr(stream, method)() == (0.001, 0.002, 0.003, 0.004)
        tasks.cancel_scope.cancel()


async def test_nobody_waits_for_a_detector_that_was_closed():
    scene = Scene(ScriptedModel())
    stream = scene.capture()
    scene.rounds.close()
    for _ in range(2):
        stream.push(numbered(1, 2, 3, 4))
        with anyio.fail_after(5), pytest.raises(TemporarilyUnavailable, match="closed"):
            await stream.judge()


async def test_whoever_waits_while_the_detector_closes_learns_it(source: ModelSource):
    failures: list[TemporarilyUnavailable] = []

    async def listen(stream: PyannoteStream) -> None:
        try:
            await stream.judge()
        except TemporarilyUnavailable as failure:
            failures.append(failure)

    async with anyio.create_task_group() as tasks:
        async with PyannoteVoiceActivityDetector(PyannoteVoiceActivityDetectorSettings(model=source.name)) as detector:
            capture = detector.open_stream()
            tasks.start_soon(listen, await capture.__aenter__())
            await anyio.wait_all_tasks_blocked()
        await capture.__aexit__(None, None, None)

    assert ["closed" in str(failure) for failure in failures] == [True]


async def test_speech_is_told_from_silence(detector: PyannoteVoiceActivityDetector):
    async with detector.open_stream() as stream:
        stream.push(bytes(2 * 2 * SECOND) + loud(2 * SECOND) + bytes(2 * 2 * SECOND))

        judged = np.array(await stream.flush())

    # The few weights blink: what they make of a second as a whole has to be right.
    before, middle, after = (judged[at : at + 40].mean() for at in (10, 70, 145))
    assert middle > 0.5 > max(before, after)


async def test_captures_are_judged_together_as_alone(source: ModelSource):
    model = PyannoteModel(source, device=Device.AUTO)
    stretches = [loud(SECOND), bytes(2 * SECOND), loud(2 * SECOND)[2 * SECOND :]]

    together = model.judge(stretches, [16, 3, 16])

    alone = [model.judge([stretch], [count])[0] for stretch, count in zip(stretches, [16, 3, 16], strict=True)]
    assert [len(row) for row in together] == [16, 3, 16]
    for row, expected in zip(together, alone, strict=True):
        assert row == pytest.approx(expected, abs=1e-5)


async def test_a_model_that_judges_each_speaker_for_themselves_is_heard(tmp_path: Path):
    tiny_models.write_segmentation(tmp_path, at_once=None)
    model = PyannoteModel(ModelSource(name=str(tmp_path), setting="OMI_X"), device=Device.AUTO)

    (noise,), (silence,) = model.judge([loud(2 * SECOND)], [30]), model.judge([bytes(4 * SECOND)], [30])

    assert np.mean(noise) > 0.5 > np.mean(silence)


async def test_packets_are_taken_while_the_model_runs(detector: PyannoteVoiceActivityDetector):
    turns = 0
    async with detector.open_stream() as stream, anyio.create_task_group() as tasks:
        stream.push(loud(60 * SECOND))
        tasks.start_soon(stream.flush)
        while detector._rounds and stream._waiting:
            await anyio.sleep(0.001)
            turns += 1

    assert turns > 10


async def test_a_model_that_fails_is_temporarily_unavailable(detector: PyannoteVoiceActivityDetector):
    assert detector._rounds
    detector._rounds._model._model.to("meta")  # where there is no memory to compute in
    async with detector.open_stream() as stream:
        stream.push(loud(SECOND))
        with pytest.raises(TemporarilyUnavailable, match=r"^pyannote on cpu failed"):
            await stream.judge()
    assert (await detector.diagnose()).condition is Condition.BROKEN


async def test_a_model_that_is_not_there_is_told_with_its_setting():
    with pytest.raises(Rejected, match=r"^OMI_VOICE_ACTIVITY_DETECTOR__PYANNOTE__MODEL is '/no/such/model'"):
        async with PyannoteVoiceActivityDetector(PyannoteVoiceActivityDetectorSettings(model="/no/such/model")):
            pass


async def test_a_detector_that_is_not_open_is_temporarily_unavailable():
    with pytest.raises(TemporarilyUnavailable, match="not open"):
        async with PyannoteVoiceActivityDetector(PyannoteVoiceActivityDetectorSettings()).open_stream():
            pass


async def test_the_diagnosis_is_that_it_works(detector: PyannoteVoiceActivityDetector):
    diagnosis = await detector.diagnose()

    assert diagnosis.condition is Condition.WORKING
    assert "a step of one capture judged in" in diagnosis.finding
