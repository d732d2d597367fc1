import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import UserId
from domain.plugin_rating import PRIOR, Rating, Review, is_score, rating_of

SCORES = st.lists(st.floats(0, 5), max_size=50)


def reviews(scores: list[float]) -> list[Review]:
    return [Review(user=UserId(f"{number}"), score=score) for number, score in enumerate(scores)]


def test_a_plugin_that_nobody_rated_has_no_average_and_ranks_in_the_middle() -> None:
    assert rating_of([]) == Rating(average=None, count=0)
    assert rating_of([]).weight == PRIOR


def test_five_ratings_count_as_much_as_what_was_thought_before() -> None:
    assert rating_of(reviews([5.0] * 5)) == Rating(average=5.0, count=5)
    assert rating_of(reviews([5.0] * 5)).weight == pytest.approx(4.0)


def test_one_rave_does_not_beat_many_good_ratings() -> None:
    assert rating_of(reviews([5.0])).weight < rating_of(reviews([4.5] * 40)).weight


@given(SCORES)
def test_the_weight_lies_between_the_prior_and_the_average(scores: list[float]) -> None:
    rating = rating_of(reviews(scores))
    average = PRIOR if rating.average is None else rating.average
    assert min(PRIOR, average) - 1e-9 <= rating.weight <= max(PRIOR, average) + 1e-9


@given(SCORES, st.floats(0, 5), st.floats(0, 5))
def test_a_better_score_never_ranks_lower(scores: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert rating_of(reviews([*scores, low])).weight <= rating_of(reviews([*scores, high])).weight + 1e-9


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.1, 5.1])
def test_not_every_number_is_a_score(value: float) -> None:
    assert not is_score(value)


@pytest.mark.parametrize("value", [0, 0.0, 2.5, 5])
def test_numbers_from_0_to_5_are_scores(value: float) -> None:
    assert is_score(value)
