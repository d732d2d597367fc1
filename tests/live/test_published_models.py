"""The published models of pyannote and SpeechBrain, fetched from the hub with the settings of this machine."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bootstrap.adapters import build
from bootstrap.settings import load
from domain.audio import AudioFrame
from domain.embedding import cosine
from tests.support import recordings

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

SECOND = 16_000
WINDOW = 512


def adapter(port: str, name: str) -> Any:
    return build(port, name, settings=load(), clock=None)


def covered(stretches: Any, length: int) -> np.ndarray:
    mask = np.zeros(length, bool)
    for start, end, *_ in stretches:
        mask[start:end] = True
    return mask


async def test_ecapa_tells_two_voices_apart(audio_folder: Path):
    names = ("LJ001-0001.wav", "LJ001-0003.wav", "enroll_steve.wav")
    stretches = [recordings.read(audio_folder / name)[: 2 * 3 * SECOND] for name in names]
    async with adapter("speaker_encoder", "ecapa") as encoder:
        one, again, other = [await encoder.encode(stretch) for stretch in stretches]

        assert cosine(one, again) > encoder.threshold > cosine(one, other)


async def test_pyannote_finds_the_speech_of_a_recording(audio_folder: Path):
    pcm = recordings.read(audio_folder / "conv_2spk.wav")
    spoken = covered(recordings.turns(audio_folder / "conv_2spk.rttm"), len(pcm) // 2)
    async with adapter("recording_voice_activity_detector", "pyannote") as detector:
        found = covered(await detector.find_speech(AudioFrame(0, pcm)), len(pcm) // 2)

    # The reference counts the pauses inside sentences as speech.
    assert (spoken & ~found).sum() < 0.15 * spoken.sum()
    assert (found & ~spoken).sum() < 0.03 * spoken.sum()


async def test_pyannote_hears_speech_while_it_is_spoken(audio_folder: Path):
    pcm = recordings.read(audio_folder / "conv_2spk.wav")
    spoken = covered(recordings.turns(audio_folder / "conv_2spk.rttm"), len(pcm) // 2)
    async with adapter("voice_activity_detector", "pyannote") as detector, detector.open_stream() as stream:
        stream.push(pcm)
        found = np.repeat(np.array(await stream.flush()) > 0.5, WINDOW)[: len(spoken)]

    assert (spoken & ~found).sum() < 0.15 * spoken.sum()
    assert (found & ~spoken).sum() < 0.03 * spoken.sum()
