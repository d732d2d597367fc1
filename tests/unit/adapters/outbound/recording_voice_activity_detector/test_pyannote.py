"""A pipeline of pyannote over finished recordings."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import numpy as np
import pytest
from msgspec import structs

from adapters.outbound.recording_voice_activity_detector.pyannote import (
    PyannoteRecordingVoiceActivityDetector,
    PyannoteRecordingVoiceActivityDetectorSettings,
)
from domain.audio import AudioFrame
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from tests.support import tiny_models

SECOND = 16_000


@pytest.fixture
def settings(tmp_path: Path) -> PyannoteRecordingVoiceActivityDetectorSettings:
    tiny_models.write_pipeline(tmp_path)
    return PyannoteRecordingVoiceActivityDetectorSettings(model=str(tmp_path))


@pytest.fixture
async def detector(
    settings: PyannoteRecordingVoiceActivityDetectorSettings,
) -> AsyncIterator[PyannoteRecordingVoiceActivityDetector]:
    async with PyannoteRecordingVoiceActivityDetector(settings) as opened:
        yield opened


def noise(duration: float) -> AudioFrame:
    pcm = np.random.default_rng(0).normal(0, 3000, int(duration * SECOND)).astype("<i2")
    return AudioFrame(0, pcm.tobytes())


async def test_what_the_model_takes_for_speech_is_found(detector: PyannoteRecordingVoiceActivityDetector):
    silence, loud = bytes(10 * SECOND), noise(5).pcm

    found = await detector.find_speech(AudioFrame(100, silence + loud + silence))

    # The untrained model hears some of the noise as a voice and nothing in silence, at whose edge windows still blur.
    assert found
    assert all(4 * SECOND < start < end < 11 * SECOND for start, end in found)


async def test_shorter_bursts_than_the_settings_say_are_no_speech(
    settings: PyannoteRecordingVoiceActivityDetectorSettings,
):
    patient = structs.replace(settings, shortest_speech_seconds=60)
    async with PyannoteRecordingVoiceActivityDetector(patient) as detector:
        assert await detector.find_speech(noise(5)) == ()


async def test_a_model_that_judges_each_speaker_for_themselves_is_heard(tmp_path: Path):
    tiny_models.write_segmentation(tmp_path, at_once=None)
    settings = PyannoteRecordingVoiceActivityDetectorSettings(model=str(tmp_path))
    async with PyannoteRecordingVoiceActivityDetector(settings) as detector:
        for start, end in await detector.find_speech(noise(5)):
            assert 0 <= start < end <= 5 * SECOND


async def test_others_get_their_turn_and_a_long_recording_can_be_given_up(
    detector: PyannoteRecordingVoiceActivityDetector,
):
    turns = 0
    with anyio.fail_after(10), anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(detector.find_speech, AudioFrame(0, bytes(2 * 3600 * SECOND)))
            while turns < 20:
                await anyio.sleep(0.005)
                turns += 1
            scope.cancel()

    assert scope.cancelled_caught
    assert await detector.find_speech(AudioFrame(0, bytes(SECOND))) == ()


async def test_a_model_that_fails_is_temporarily_unavailable(detector: PyannoteRecordingVoiceActivityDetector):
    assert detector._pipeline
    detector._pipeline._pipeline._segmentation.model.to("meta")  # where there is no memory to compute in

    with pytest.raises(TemporarilyUnavailable, match=r"^pyannote on cpu failed"):
        await detector.find_speech(noise(1))
    assert (await detector.diagnose()).condition is Condition.BROKEN


async def test_a_model_that_is_not_there_is_told_with_its_setting():
    settings = PyannoteRecordingVoiceActivityDetectorSettings(model="/no/such/model")

    with pytest.raises(Rejected, match=r"^OMI_RECORDING_VOICE_ACTIVITY_DETECTOR__PYANNOTE__MODEL is '/no/such/model'"):
        async with PyannoteRecordingVoiceActivityDetector(settings):
            pass


async def test_a_detector_that_is_not_open_is_temporarily_unavailable():
    detector = PyannoteRecordingVoiceActivityDetector(PyannoteRecordingVoiceActivityDetectorSettings())

    with pytest.raises(TemporarilyUnavailable, match="not open"):
        await detector.find_speech(AudioFrame(0, b""))


async def test_the_diagnosis_is_that_it_works(detector: PyannoteRecordingVoiceActivityDetector):
    diagnosis = await detector.diagnose()

    assert diagnosis.condition is Condition.WORKING
    assert "on cpu" in diagnosis.finding or "on cuda" in diagnosis.finding
