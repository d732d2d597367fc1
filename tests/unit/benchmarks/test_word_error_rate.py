import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.word_error_rate import WordErrors, distance, normalized, total, word_errors

words = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Hello, World!", "hello world"),
        ("It's 42.", "it's four two"),
        ("It’s", "it's"),
        ("1-0-0 90210", "one zero zero nine zero two one zero"),
        ("um, well uh yes", "well yes"),
        ("wood-cutters", "wood cutters"),
        ("Mr. Quilter", "mister quilter"),
        ("  ", ""),
    ],
)
def test_writing_does_not_count_only_words_do(written: str, expected: str) -> None:
    assert normalized(written) == expected.split()


@pytest.mark.parametrize(
    ("heard", "errors"),
    [("a b c", 0), ("a x c", 1), ("a c", 1), ("a b b c", 1), ("", 3), ("x y z w", 4)],
)
def test_each_wrong_missing_or_extra_word_is_one_error(heard: str, errors: int) -> None:
    assert word_errors("a b c", heard=heard) == WordErrors(errors=errors, words=3)


@given(words, words)
def test_the_distance_is_symmetric_and_bounded(one: list[str], other: list[str]) -> None:
    found = distance(one, other)
    assert found == distance(other, one)
    assert abs(len(one) - len(other)) <= found <= max(len(one), len(other))
    assert (found == 0) == (one == other)


@given(words, words, words)
def test_a_detour_is_never_shorter(one: list[str], other: list[str], between: list[str]) -> None:
    assert distance(one, other) <= distance(one, between) + distance(between, other)


def test_counts_add_up_before_they_are_divided() -> None:
    both = total([word_errors("a b c d", heard="a b c d"), word_errors("a", heard="b")])
    assert both.rate == pytest.approx(0.2)


def test_no_reference_means_no_rate() -> None:
    assert word_errors("", heard="a").rate == 0.0
