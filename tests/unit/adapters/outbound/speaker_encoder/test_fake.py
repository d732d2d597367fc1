"""The sound's own spectrum as the voice."""

import numpy as np

from adapters.outbound.speaker_encoder.fake import FakeSpeakerEncoder
from domain.embedding import cosine


def tone(pitch: float, *, samples: int = 16_000) -> bytes:
    return (8000 * np.sin(2 * np.pi * pitch * np.arange(samples) / 16_000)).astype("<i2").tobytes()


async def test_one_pitch_is_near_and_another_is_far():
    encoder = FakeSpeakerEncoder()
    short, long, high = [await encoder.encode(pcm) for pcm in (tone(200), tone(200, samples=30_000), tone(700))]

    assert cosine(short, long) > 0.99
    assert cosine(short, high) < 0.2
