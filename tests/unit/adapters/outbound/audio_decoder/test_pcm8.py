"""One name, two codecs: the samples tell."""

from pathlib import Path

import numpy as np
import pytest
import soxr

from adapters.inbound.command_line.audio_files import read_audio
from adapters.outbound.audio_decoder.pcm8 import TELLING, Pcm8Stream, is_unsigned


@pytest.fixture(scope="module")
def narrow(audio_folder: Path) -> np.ndarray:
    spoken = np.frombuffer(read_audio(audio_folder / "LJ001-0001.wav"), "<i2")
    return np.asarray(soxr.resample(spoken, 16_000, 8_000)).astype("<i2")


def unsigned(samples: np.ndarray) -> bytes:
    return ((samples.astype(int) >> 8) + 128).astype(np.uint8).tobytes()


def heard(content: bytes, *, rate: int = 8_000, piece: int = 251) -> bytes:
    stream = Pcm8Stream(rate)
    return b"".join(stream.decode(content[at : at + piece]) for at in range(0, len(content), piece)) + stream.flush()


def likeness(one: bytes, other: bytes) -> float:
    return float(np.corrcoef(np.frombuffer(one, "<i2"), np.frombuffer(other, "<i2"))[0, 1])


def test_both_meanings_give_the_same_speech(narrow: np.ndarray) -> None:
    wide, eight = heard(narrow.tobytes()), heard(unsigned(narrow))
    assert len(wide) == len(eight)
    assert likeness(wide, eight) > 0.95


def test_at_our_own_rate_samples_are_neither_more_nor_fewer(narrow: np.ndarray) -> None:
    assert heard(narrow.tobytes(), rate=16_000) == narrow.tobytes()
    assert len(heard(unsigned(narrow), rate=16_000)) == narrow.nbytes


@pytest.mark.parametrize("loudness", [0.0, 0.01, 0.1, 1.0, 1.5])
def test_every_stretch_of_speech_tells_what_it_is(narrow: np.ndarray, loudness: float) -> None:
    loud = np.clip(narrow * loudness, -32_768, 32_767).astype("<i2")
    for at in range(0, len(loud) - TELLING, TELLING):
        part = loud[at : at + TELLING]
        assert not is_unsigned(part.tobytes()[:TELLING])
        assert is_unsigned(unsigned(part))


def test_nothing_comes_before_it_is_known_what_it_is(narrow: np.ndarray) -> None:
    stream = Pcm8Stream(16_000)
    assert stream.decode(narrow.tobytes()[: TELLING - 2]) == b""
    assert stream.decode(narrow.tobytes()[TELLING - 2 : TELLING]) == narrow.tobytes()[:TELLING]


def test_a_session_that_ends_early_is_heard(narrow: np.ndarray) -> None:
    assert heard(narrow.tobytes()[:100], rate=16_000) == narrow.tobytes()[:100]
    assert heard(b"") == b""
