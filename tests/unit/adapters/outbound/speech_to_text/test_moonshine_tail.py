"""What the model hears of an utterance does not depend on how late its end was noticed."""

from pathlib import Path

import numpy as np
import pytest

from adapters.outbound.speech_to_text.moonshine_tail import TAIL, without_silent_end
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame, samples
from tests.support.recordings import read

PAUSE = samples(3.2)
"""Where in the recording the speaker has paused."""


def tone(duration: float) -> bytes:
    """Sound that rises: speech is not steady."""
    count = samples(duration)
    wave = np.sin(np.arange(count) * 0.2) * np.linspace(500, 8_000, count)
    return bytes(wave.astype("<i2").tobytes())


def silence(duration: float) -> bytes:
    return bytes(samples(duration) * SAMPLE_BYTES)


@pytest.mark.parametrize("late", [0.0, 0.02, 0.13, 1.0])
def test_the_end_does_not_move_with_the_silence_behind_it(late: float) -> None:
    pcm = silence(0.3) + tone(1.0) + silence(0.6)
    assert without_silent_end(AudioFrame(500, pcm + silence(late))) == without_silent_end(AudioFrame(500, pcm))


@pytest.mark.parametrize("late", [0.02, 0.07, 0.13])
def test_a_recorded_sentence_ends_where_its_words_do(audio_folder: Path, late: float) -> None:
    pcm = read(audio_folder / "jfk.wav")[: PAUSE * SAMPLE_BYTES]
    alone = without_silent_end(AudioFrame(0, pcm + silence(0.6)))
    assert without_silent_end(AudioFrame(0, pcm + silence(0.6 + late))) == alone


def test_the_soft_end_of_the_last_word_is_kept() -> None:
    kept = without_silent_end(AudioFrame(0, tone(1.0) + silence(0.6)))
    assert kept.end == SAMPLE_RATE + TAIL


def test_an_utterance_that_ends_in_speech_is_kept_whole() -> None:
    utterance = AudioFrame(0, silence(0.3) + tone(1.0))
    assert without_silent_end(utterance) == utterance


def test_where_nothing_stands_out_all_is_kept() -> None:
    utterance = AudioFrame(0, silence(1.0))
    assert without_silent_end(utterance) == utterance
