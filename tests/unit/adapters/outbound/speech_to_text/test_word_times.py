from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.speech_to_text.word_times import timed
from domain.audio import SAMPLE_RATE, AudioFrame

TENTH = SAMPLE_RATE // 10
LOUD = array("h", [3000, -3000] * (TENTH // 2)).tobytes()
QUIET = array("h", [3, -3] * (TENTH // 2)).tobytes()


def utterance(pattern: str, *, start: int = 0) -> AudioFrame:
    """A tenth of a second for each sign, `#` is loud."""
    return AudioFrame(start, b"".join(LOUD if sign == "#" else QUIET for sign in pattern))


def test_the_first_word_starts_and_the_last_ends_with_the_speech() -> None:
    words = timed("one two three", utterance=utterance("...######.....", start=1000))
    assert words[0].start == 1000 + 3 * TENTH
    assert words[-1].end == 1000 + 9 * TENTH


def test_no_word_is_said_during_a_pause() -> None:
    before, after = timed("abc abc", utterance=utterance(".###....###.."))
    assert (before.start, before.end) == (TENTH, 4 * TENTH)
    assert (after.start, after.end) == (8 * TENTH, 11 * TENTH)


def test_long_words_take_longer() -> None:
    short, long = timed("a incomprehensibilities", utterance=utterance(".##########."))
    assert (long.end - long.start) > 5 * (short.end - short.start)


@given(
    st.lists(st.text("abc,.'", min_size=1, max_size=12), max_size=60),
    st.text("#.", max_size=50),
    st.integers(0, 10**9),
)
def test_words_are_in_order_inside_the_utterance(words: list[str], pattern: str, start: int) -> None:
    heard = utterance(pattern, start=start)
    placed = timed(" ".join(words), utterance=heard)
    assert [word.text for word in placed] == words
    assert all(heard.start <= word.start <= word.end <= heard.end for word in placed)
    assert all(before.start <= after.start and before.end <= after.end for before, after in pairwise(placed))


@pytest.mark.parametrize("pcm", [b"", bytes(2), bytes(50_000)], ids=len)
def test_without_speech_words_lie_somewhere_inside(pcm: bytes) -> None:
    (word,) = timed("you", utterance=AudioFrame(5, pcm))
    assert 5 <= word.start <= word.end <= 5 + len(pcm) // 2
