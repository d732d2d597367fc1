"""What everything does that finds speech in a finished recording."""

import math
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import anyio
import pytest

from adapters.outbound.recording_voice_activity_detector.fake import (
    FakeRecordingVoiceActivityDetector,
    FakeRecordingVoiceActivityDetectorSettings,
)
from adapters.outbound.recording_voice_activity_detector.pyannote import (
    PyannoteRecordingVoiceActivityDetector,
    PyannoteRecordingVoiceActivityDetectorSettings,
)
from adapters.outbound.recording_voice_activity_detector.segmentation import (
    SegmentationRecordingVoiceActivityDetector,
    SegmentationRecordingVoiceActivityDetectorSettings,
)
from domain.audio import AudioFrame
from ports.recording_voice_activity_detector import RecordingVoiceActivityDetector
from tests.contract.harness import Harness, over
from tests.support import tiny_models

SECOND = 16_000


@asynccontextmanager
async def segmentation(_: Path) -> AsyncIterator[RecordingVoiceActivityDetector]:
    settings = SegmentationRecordingVoiceActivityDetectorSettings()
    async with SegmentationRecordingVoiceActivityDetector(settings) as detector:
        yield detector


@asynccontextmanager
async def pyannote(folder: Path) -> AsyncIterator[RecordingVoiceActivityDetector]:
    tiny_models.write_pipeline(folder)
    settings = PyannoteRecordingVoiceActivityDetectorSettings(model=str(folder))
    async with PyannoteRecordingVoiceActivityDetector(settings) as detector:
        yield detector


@asynccontextmanager
async def fake(_: Path) -> AsyncIterator[RecordingVoiceActivityDetector]:
    yield FakeRecordingVoiceActivityDetector(FakeRecordingVoiceActivityDetectorSettings())


HARNESSES: dict[str, Harness[RecordingVoiceActivityDetector]] = {
    "segmentation": segmentation,
    "pyannote": pyannote,
    "fake": fake,
}


@pytest.fixture(params=over("recording_voice_activity_detector", HARNESSES))
async def detector(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RecordingVoiceActivityDetector]:
    async with request.param(tmp_path) as opened:
        yield opened


def sound(duration: float, *, seed: int = 0) -> bytes:
    """A second of a buzzing voice-like sound, a second of silence, and so on."""
    random = Random(seed)
    pitch = random.uniform(90, 250)
    pcm = array("h")
    for i in range(int(duration * SECOND)):
        loud = 9000 * max(0.0, math.sin(math.pi * i / SECOND))
        pcm.append(int(loud * ((pitch * i / SECOND + 0.1 * math.sin(i / 400)) % 1.0 - 0.5)))
    return pcm.tobytes()


async def test_stretches_are_in_order_disjoint_and_inside_the_recording(detector: RecordingVoiceActivityDetector):
    recording = AudioFrame(1_000_000, sound(13.3))

    stretches = await detector.find_speech(recording)

    positions = [position for stretch in stretches for position in stretch]
    assert positions == sorted(set(positions))
    assert all(recording.start <= position <= recording.end for position in positions)


async def test_the_same_recording_gives_the_same_stretches(detector: RecordingVoiceActivityDetector):
    recording = AudioFrame(0, sound(7))

    assert await detector.find_speech(recording) == await detector.find_speech(recording)


async def test_stretches_move_along_with_the_recording(detector: RecordingVoiceActivityDetector):
    pcm = sound(5)

    early, late = await detector.find_speech(AudioFrame(0, pcm)), await detector.find_speech(AudioFrame(777, pcm))

    assert late == tuple((start + 777, end + 777) for start, end in early)


@pytest.mark.parametrize("samples", [1, 160, 1000, 5 * SECOND, 10 * SECOND, 10 * SECOND + 1, 24 * SECOND])
async def test_silence_holds_no_speech(detector: RecordingVoiceActivityDetector, samples: int):
    assert await detector.find_speech(AudioFrame(0, bytes(2 * samples))) == ()


async def test_nothing_holds_no_speech(detector: RecordingVoiceActivityDetector):
    assert await detector.find_speech(AudioFrame(500, b"")) == ()


@pytest.mark.parametrize("samples", [1, 160, 700, 1000])
async def test_a_few_milliseconds_are_heard_without_trouble(detector: RecordingVoiceActivityDetector, samples: int):
    for start, end in await detector.find_speech(AudioFrame(0, sound(1)[-2 * samples :])):
        assert 0 <= start < end <= samples


async def test_recordings_that_are_heard_together_do_not_mix(detector: RecordingVoiceActivityDetector):
    recordings = [AudioFrame(1000 * n, sound(3 + n, seed=n)) for n in range(3)]
    alone = [await detector.find_speech(recording) for recording in recordings]
    together: dict[int, tuple[tuple[int, int], ...]] = {}

    async def find(number: int) -> None:
        together[number] = await detector.find_speech(recordings[number])

    async with anyio.create_task_group() as tasks:
        for number in range(len(recordings)):
            tasks.start_soon(find, number)

    assert [together[number] for number in range(len(recordings))] == alone


async def test_a_detector_is_still_there_after_a_canceled_call(detector: RecordingVoiceActivityDetector):
    with anyio.CancelScope() as scope:
        scope.cancel()
        await detector.find_speech(AudioFrame(0, sound(3)))

    assert await detector.find_speech(AudioFrame(0, bytes(2 * SECOND))) == ()
