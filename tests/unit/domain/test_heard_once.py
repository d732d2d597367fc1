"""Words that two servers heard are there once, and no other word is taken for one of them."""

from hypothesis import given
from hypothesis import strategies as st

from domain.heard_once import heard_once
from domain.recognition import FinalWords
from domain.transcript import Word

LENGTH = 3_200


def word(number: int, *, at: int | None = None) -> Word:
    start = number * 4_000 if at is None else at
    return Word(f"word{number}", start, start + LENGTH)


def result(*numbers: int) -> FinalWords:
    return FinalWords(words=tuple(map(word, numbers)), through=max(numbers) * 4_000 + LENGTH, recognizer="fake")


def texts(*results: FinalWords) -> list[str]:
    return [word.text for heard in heard_once(results) for word in heard.words]


def test_what_was_heard_twice_counts_as_it_was_heard_first() -> None:
    again = FinalWords(words=(Word("Word1.", 3_900, 7_300), word(2)), through=12_000, recognizer="other")
    assert texts(result(0, 1), again) == ["word0", "word1", "word2"]


def test_what_is_finalized_stays_finalized() -> None:
    first, again = heard_once([result(0, 1), result(0, 1)])
    assert (again.words, again.through) == ((), first.through)


def test_words_that_only_touch_are_two() -> None:
    late = FinalWords(words=(word(9, at=LENGTH - 1_500),), through=LENGTH * 2, recognizer="fake")
    assert texts(result(0), late) == ["word0", "word9"]


def test_two_who_speak_at_once_are_both_heard() -> None:
    other = FinalWords(words=(word(9, at=0),), through=LENGTH, recognizer="client")
    assert texts(result(0), other) == ["word0", "word9"]


def test_a_word_that_is_said_again_is_there_again() -> None:
    assert texts(result(0), FinalWords(words=(word(0, at=3_300),), through=9_000, recognizer="fake")) == [
        "word0",
        "word0",
    ]


def test_words_of_one_result_are_never_taken_for_each_other() -> None:
    both = FinalWords(words=(word(0), word(7, at=0)), through=LENGTH, recognizer="fake")
    assert texts(both) == ["word0", "word7"]


def test_words_without_length_stay() -> None:
    instant = FinalWords(words=(Word("a", 100, 100), Word("b", 100, 100)), through=LENGTH, recognizer="fake")
    assert texts(instant, result(0)) == ["a", "b", "word0"]


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=6, unique=True).map(sorted), max_size=12))
def test_in_whatever_order_it_was_written_each_word_is_there_once(results: list[list[int]]) -> None:
    found = texts(*(result(*numbers) for numbers in results))
    assert sorted(found) == sorted({f"word{number}" for numbers in results for number in numbers})
