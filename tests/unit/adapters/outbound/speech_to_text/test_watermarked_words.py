from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.speech_to_text.watermarked_words import WatermarkedWords
from domain.audio import SAMPLE_BYTES, AudioFrame
from domain.transcript import Word
from domain.watermark import WORD_SAMPLES, speech, text_of

PAUSE = 1_000
STEP = WORD_SAMPLES + PAUSE
COUNT = 5
AUDIO = speech(0, COUNT, pause=PAUSE)
LENGTH = len(AUDIO) // SAMPLE_BYTES
TEXTS = [text_of(number) for number in range(COUNT)]


def pieces(cuts: list[int]) -> list[tuple[int, bytes]]:
    bounds = [0, *sorted(set(cuts)), LENGTH]
    return [(at, AUDIO[at * 2 : end * 2]) for at, end in pairwise(bounds)]


def found(frames: list[AudioFrame]) -> list[Word]:
    words = WatermarkedWords()
    return [word for frame in frames for word in words.add(frame)] + list(words.flush())


@given(st.lists(st.integers(1, LENGTH - 1), max_size=60), st.integers(0, 10**9))
def test_frames_of_any_size_hold_the_same_words(cuts: list[int], start: int) -> None:
    words = found([AudioFrame(start + at, pcm) for at, pcm in pieces(cuts)])
    places = [start + number * STEP for number in range(COUNT)]
    assert words == [Word(text, at, at + WORD_SAMPLES) for text, at in zip(TEXTS, places, strict=True)]


@given(st.integers(1, LENGTH - 1), st.integers(1, 10**6))
def test_a_cut_anywhere_neither_loses_nor_doubles_a_word(cut: int, gap: int) -> None:
    (_, before), (_, after) = pieces([cut])
    words = found([AudioFrame(0, before), AudioFrame(cut + gap, after)])
    assert [word.text for word in words] == TEXTS
    assert all(word.end <= cut or word.start >= cut + gap for word in words)


@given(st.integers(1, LENGTH - 1))
def test_a_pause_in_a_word_neither_loses_nor_doubles_it(cut: int) -> None:
    (_, before), (_, after) = pieces([cut])
    words = WatermarkedWords()
    heard = [*words.add(AudioFrame(0, before)), *words.flush(), *words.add(AudioFrame(cut, after)), *words.flush()]
    assert [word.text for word in heard] == TEXTS


def test_a_word_said_twice_is_heard_twice() -> None:
    twice = speech(7, 1, pause=PAUSE) * 2
    assert [word.text for word in found([AudioFrame(0, twice)])] == [text_of(7)] * 2
