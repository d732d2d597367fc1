import math
from array import array

import numpy as np
import pytest

from adapters.outbound.speech_to_text.loudness import loudness, speaking

FRAME = 160


def square(level: int, frames: int = 1) -> bytes:
    return array("h", [level, -level] * (FRAME * frames // 2)).tobytes()


@pytest.mark.parametrize(("level", "decibels"), [(0, 0.0), (1, 0.0), (10, 20.0), (32_767, 20 * math.log10(32_767))])
def test_loudness_is_in_decibels_above_one_step(level: int, decibels: float) -> None:
    assert loudness(square(level), frame=FRAME) == pytest.approx([decibels], abs=1e-3)


def test_what_is_no_whole_frame_is_left_out() -> None:
    assert len(loudness(square(5, 3)[:-2], frame=FRAME)) == 2
    assert len(loudness(b"", frame=FRAME)) == 0


@pytest.mark.parametrize("background", [0, 20, 300])
def test_speech_stands_out_from_its_background(background: int) -> None:
    pcm = square(background, 10) + square(3000, 5) + square(background, 10)
    assert np.flatnonzero(speaking(loudness(pcm, frame=FRAME))).tolist() == [10, 11, 12, 13, 14]


@pytest.mark.parametrize("level", [0, 10, 3000, 30_000])
def test_steady_sound_is_background_however_loud(level: int) -> None:
    assert not speaking(loudness(square(level, 20), frame=FRAME)).any()


def test_no_audio_holds_no_speech() -> None:
    assert len(speaking(loudness(b"", frame=FRAME))) == 0
