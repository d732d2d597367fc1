"""WeSpeaker on real voices."""

from collections.abc import AsyncIterator
from itertools import combinations
from pathlib import Path

import pytest

from adapters.outbound.speaker_encoder.wespeaker import WeSpeakerSpeakerEncoder, WeSpeakerSpeakerEncoderSettings
from domain.embedding import Embedding, cosine
from ports.diagnosis import Condition
from ports.errors import TemporarilyUnavailable
from tests.support import recordings

SECOND_BYTES = 32_000

UTTERANCES = {
    "katie": ["enroll_katie.wav"],
    "steve": ["enroll_steve.wav"],
    "lj": ["LJ001-0001.wav", "LJ001-0003.wav"],
    "harvard 1": ["harvard_spk1_snt1.wav", "harvard_spk1_snt2.wav"],
    "harvard 2": ["harvard_spk2_snt1.wav", "harvard_spk2_snt2.wav"],
}


@pytest.fixture
async def encoder() -> AsyncIterator[WeSpeakerSpeakerEncoder]:
    async with WeSpeakerSpeakerEncoder(WeSpeakerSpeakerEncoderSettings()) as opened:
        yield opened


async def voices(encoder: WeSpeakerSpeakerEncoder, folder: Path, speaker: str) -> list[Embedding]:
    """Two vectors a speaker, of three seconds at most: from two files or from two places in one."""
    stretches = [recordings.read(folder / name) for name in UTTERANCES[speaker]]
    if len(stretches) == 1:
        stretches += [stretches[0][8 * SECOND_BYTES :]]
    return [await encoder.encode(pcm[: 3 * SECOND_BYTES]) for pcm in stretches]


async def test_one_voice_is_near_and_another_is_far(encoder: WeSpeakerSpeakerEncoder, audio_folder: Path):
    vectors = {speaker: await voices(encoder, audio_folder, speaker) for speaker in UTTERANCES}

    same = [cosine(one, other) for one, other in vectors.values()]
    different = [
        cosine(one, other)
        for left, right in combinations(UTTERANCES, 2)
        for one in vectors[left]
        for other in vectors[right]
    ]

    # Measured: 0.58 and 0.31.
    assert min(same) > 0.45
    assert max(different) < 0.38


async def test_of_a_long_stretch_the_middle_is_heard(audio_folder: Path):
    pcm = recordings.read(audio_folder / "enroll_katie.wav")
    spare = (len(pcm) // 2 - 32_000) // 2
    async with WeSpeakerSpeakerEncoder(WeSpeakerSpeakerEncoderSettings(longest_seconds=2)) as encoder:
        assert await encoder.encode(pcm) == await encoder.encode(pcm[2 * spare : 2 * (spare + 32_000)])


async def test_an_encoder_that_is_not_open_is_temporarily_unavailable():
    with pytest.raises(TemporarilyUnavailable, match="not open"):
        await WeSpeakerSpeakerEncoder(WeSpeakerSpeakerEncoderSettings()).encode(bytes(SECOND_BYTES))


async def test_the_diagnosis_is_that_it_works():
    encoder = WeSpeakerSpeakerEncoder(WeSpeakerSpeakerEncoderSettings())

    assert (await encoder.diagnose()).condition is Condition.WORKING
