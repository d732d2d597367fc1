import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.word_alignment import Fate, fates, lost
from benchmarks.word_error_rate import distance

words = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=10)

H, S, D = Fate.HEARD, Fate.SUBSTITUTED, Fate.DELETED


@pytest.mark.parametrize(
    ("heard", "expected"),
    [("a b c", [H, H, H]), ("a x c", [H, S, H]), ("a c", [H, D, H]), ("", [D, D, D]), ("a x b c y", [H, H, H])],
)
def test_each_word_that_was_said_has_a_fate(heard: str, expected: list[Fate]) -> None:
    assert fates(["a", "b", "c"], heard.split()) == expected


@given(words, words)
def test_fates_account_for_the_errors_of_the_best_alignment(reference: list[str], heard: list[str]) -> None:
    found = fates(reference, heard)
    assert len(found) == len(reference)
    inserted = len(heard) - (len(reference) - found.count(D))
    assert found.count(S) + found.count(D) + inserted == distance(reference, heard)


def test_a_word_is_lost_when_nothing_stands_in_its_place() -> None:
    assert lost(["a", "b", "c"], before=["a", "b", "c"], after=["a", "c"]) == ["b"]


def test_a_word_heard_wrongly_is_not_lost() -> None:
    assert lost(["a", "b", "c"], before=["a", "b", "c"], after=["a", "x", "c"]) == []


def test_a_word_that_was_never_heard_cannot_be_lost() -> None:
    assert lost(["a", "b", "c"], before=["a", "c"], after=["a", "c"]) == []
