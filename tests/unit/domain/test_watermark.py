import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.watermark import (
    HIGHEST_NUMBER,
    SUB_BLOCK_SAMPLES,
    WORD_SAMPLES,
    HeardWord,
    WordFinder,
    speech,
    word,
    words_in,
)

PAUSE = 1_600


@given(st.integers(0, HIGHEST_NUMBER), st.integers(0, 1_000))
def test_a_word_tells_its_number_and_where_it_lies(number: int, silence: int) -> None:
    assert words_in(bytes(2 * silence) + word(number)) == (HeardWord(number, silence, silence + WORD_SAMPLES),)


@given(st.integers(0, HIGHEST_NUMBER), st.integers(0, WORD_SAMPLES - 2 * SUB_BLOCK_SAMPLES), st.integers(0, 320))
def test_any_whole_sub_block_is_enough(number: int, cut: int, more: int) -> None:
    piece = word(number)[2 * cut : 2 * (cut + 2 * SUB_BLOCK_SAMPLES - 1 + more)]
    assert [heard.number for heard in words_in(piece)] == [number]


@given(st.lists(st.integers(1, 5_000), max_size=30))
def test_pieces_of_any_size_give_the_same_words(sizes: list[int]) -> None:
    audio, finder, at = speech(5, 8, pause=PAUSE), WordFinder(), 0
    found: list[HeardWord] = []
    for size in sizes:
        found += finder.feed(audio[at : at + size])
        at += size
    found += finder.feed(audio[at:])
    assert tuple(found) == words_in(audio)
    assert [heard.number for heard in found] == list(range(5, 13))


def test_words_without_a_pause_between_them_stay_apart() -> None:
    step = WORD_SAMPLES
    assert words_in(speech(0, 3, pause=0)) == tuple(HeardWord(n, n * step, (n + 1) * step) for n in range(3))


def test_a_word_that_breaks_off_is_over_when_the_audio_goes_on() -> None:
    finder = WordFinder()
    assert finder.feed(word(7)[: 2 * 5 * SUB_BLOCK_SAMPLES]) == ()
    assert finder.feed(bytes(2 * SUB_BLOCK_SAMPLES)) == (HeardWord(7, 0, 5 * SUB_BLOCK_SAMPLES),)


@pytest.mark.parametrize("factor", [0.1, 0.5, 2.0, 5.0])
def test_loudness_does_not_matter(factor: float) -> None:
    audio = memoryview(word(99)).cast("h")
    scaled = b"".join(int(sample * factor).to_bytes(2, "little", signed=True) for sample in audio)
    assert [heard.number for heard in words_in(scaled)] == [99]


def test_an_energy_detector_calls_it_speech() -> None:
    audio = memoryview(word(3)).cast("h")
    assert sum(abs(sample) for sample in audio) / len(audio) > 2_000


@given(st.binary(max_size=20_000))
def test_noise_holds_no_words(noise: bytes) -> None:
    assert words_in(noise) == ()


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 to"):
        word(HIGHEST_NUMBER + 1)
