"""Speech in finished recordings."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from adapters.outbound.recording_voice_activity_detector.segmentation import (
    SegmentationRecordingVoiceActivityDetector,
    SegmentationRecordingVoiceActivityDetectorSettings,
)
from domain.audio import AudioFrame
from ports.diagnosis import Condition
from ports.errors import TemporarilyUnavailable
from tests.support import recordings

SECOND = 16_000


@pytest.fixture
async def detector() -> AsyncIterator[SegmentationRecordingVoiceActivityDetector]:
    async with SegmentationRecordingVoiceActivityDetector(
        SegmentationRecordingVoiceActivityDetectorSettings()
    ) as opened:
        yield opened


def covered(stretches: list[tuple[int, int]] | tuple[tuple[int, int], ...], length: int) -> np.ndarray:
    mask = np.zeros(length, bool)
    for start, end in stretches:
        mask[start:end] = True
    return mask


async def test_nearly_all_speech_of_a_conversation_is_found_and_little_else(
    detector: SegmentationRecordingVoiceActivityDetector, audio_folder: Path
):
    pcm = recordings.read(audio_folder / "conv_2spk.wav")
    turns = [(start, end) for start, end, _ in recordings.turns(audio_folder / "conv_2spk.rttm")]

    found = covered(await detector.find_speech(AudioFrame(0, pcm)), len(pcm) // 2)

    spoken = covered(turns, len(pcm) // 2)
    # Measured: 9.0 % and 0.4 %. The reference counts the pauses inside sentences as speech.
    assert (spoken & ~found).sum() < 0.11 * spoken.sum()
    assert (found & ~spoken).sum() < 0.015 * spoken.sum()


async def test_silence_and_faint_noise_hold_no_speech(detector: SegmentationRecordingVoiceActivityDetector):
    noise = np.random.default_rng(0).normal(0, 30, 12 * SECOND).astype("<i2").tobytes()

    assert await detector.find_speech(AudioFrame(0, bytes(24 * SECOND))) == ()
    assert await detector.find_speech(AudioFrame(0, noise)) == ()


async def test_stretches_are_ordered_disjoint_and_inside_the_recording(
    detector: SegmentationRecordingVoiceActivityDetector, audio_folder: Path
):
    recording = AudioFrame(1_000_000, recordings.read(audio_folder / "three_voices.wav"))

    stretches = await detector.find_speech(recording)

    positions = [position for stretch in stretches for position in stretch]
    assert len(stretches) >= 3
    assert positions == sorted(set(positions))
    assert positions[0] >= recording.start
    assert positions[-1] <= recording.end


async def test_where_a_recording_starts_moves_its_stretches_along(
    detector: SegmentationRecordingVoiceActivityDetector, audio_folder: Path
):
    pcm = recordings.read(audio_folder / "jfk.wav")

    early, late = await detector.find_speech(AudioFrame(0, pcm)), await detector.find_speech(AudioFrame(777, pcm))

    assert late == tuple((start + 777, end + 777) for start, end in early)


async def test_a_recording_shorter_than_a_window_is_heard(
    detector: SegmentationRecordingVoiceActivityDetector, audio_folder: Path
):
    pcm = recordings.read(audio_folder / "LJ001-0002.wav")

    stretches = await detector.find_speech(AudioFrame(0, pcm))

    assert sum(end - start for start, end in stretches) > 0.7 * len(pcm) / 2


async def test_an_empty_recording_holds_no_speech(detector: SegmentationRecordingVoiceActivityDetector):
    assert await detector.find_speech(AudioFrame(0, b"")) == ()


async def test_a_detector_that_is_not_open_is_temporarily_unavailable():
    with pytest.raises(TemporarilyUnavailable, match="not open"):
        await SegmentationRecordingVoiceActivityDetector(
            SegmentationRecordingVoiceActivityDetectorSettings()
        ).find_speech(AudioFrame(0, b""))


async def test_the_diagnosis_is_that_it_works():
    detector = SegmentationRecordingVoiceActivityDetector(SegmentationRecordingVoiceActivityDetectorSettings())

    assert (await detector.diagnose()).condition is Condition.WORKING
