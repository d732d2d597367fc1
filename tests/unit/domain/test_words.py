"""Words as search sees them."""

import pytest

from domain.words import coverage, stem, telling, words_of


def test_words_have_no_case_and_no_punctuation() -> None:
    assert words_of("Hello, WORLD_wide! Don’t 3.5 🦄") == ["hello", "world", "wide", "don't", "3", "5"]
    assert words_of("") == []


def test_words_that_are_everywhere_are_set_aside_unless_there_are_no_others() -> None:
    assert telling(["what", "is", "the", "budget"]) == ["budget"]
    assert telling(["what", "is"]) == ["what", "is"]


@pytest.mark.parametrize(
    ("one", "other"), [("meetings", "meeting"), ("moved", "moves"), ("baking", "bake"), ("dogs", "dog")]
)
def test_endings_do_not_matter(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["", "s", "is", "bus", "red", "sing"])
def test_short_words_stay_words(word: str) -> None:
    assert stem(word) == word


def test_coverage_is_the_part_of_the_telling_words() -> None:
    assert coverage("We moved the meeting.", query="When was the meeting moved?") == 1
    assert coverage("We moved house.", query="meeting moved") == 0.5
    assert coverage("Nothing of it.", query="budget") == 0
    assert coverage("anything", query="🦄") == 0
