import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.plugins.stored_reviews import read_reviews, written_reviews
from domain.ids import UserId
from domain.plugin_rating import Review

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ANNA = Review(user=UserId("anna"), score=4.5, text="Can't do without 🧠", rated_at=NOON)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def fields(review: Review) -> dict[str, object]:
    rated_at = review.rated_at.isoformat() if review.rated_at else None
    return {"score": review.score, "review": review.text, "rated_at": rated_at, "uid": review.user}


@given(st.dictionaries(TEXT, st.tuples(st.floats(0, 5), TEXT), max_size=5))
def test_what_was_written_is_read(scores: dict[str, tuple[float, str]]) -> None:
    reviews = {
        UserId(user): Review(user=UserId(user), score=score, text=text, rated_at=NOON)
        for user, (score, text) in scores.items()
    }
    assert read_reviews(written_reviews(reviews)) == reviews


def test_json_is_what_is_written() -> None:
    assert json.loads(written_reviews({UserId("anna"): ANNA})) == {"anna": fields(ANNA)}


@given(st.dictionaries(TEXT, st.tuples(st.floats(0, 5), TEXT), max_size=5))
def test_what_the_original_left_is_read(scores: dict[str, tuple[float, str]]) -> None:
    reviews = {
        UserId(user): Review(user=UserId(user), score=score, text=text) for user, (score, text) in scores.items()
    }
    left = repr({user: fields(review) for user, review in reviews.items()}).encode()
    assert read_reviews(left) == reviews


@pytest.mark.parametrize(
    "score", ["nan", "inf", "-inf", "1e999", "NaN", "None", "True", "'5'", "[]", "9", "__import__('os')"]
)
@pytest.mark.parametrize("around", ["{}", "  {}\n"])
def test_a_score_that_is_none_takes_nobody_elses_review_along(score: str, around: str) -> None:
    left = f"{{'bad': {{'score': {score}, 'review': ''}}, 'anna': {fields(ANNA)!r}}}"
    assert read_reviews(around.format(left).encode()) == {"anna": ANNA}


def test_a_time_as_the_original_may_have_written_it_costs_the_time_alone() -> None:
    left = b"{'anna': {'score': 4, 'review': 'ok', 'rated_at': datetime.datetime(2024, 9, 1, 12, 0)}}"
    assert read_reviews(left) == {"anna": Review(user=UserId("anna"), score=4.0, text="ok")}


def test_a_time_without_a_zone_is_utc() -> None:
    left = b"{'anna': {'score': 4, 'rated_at': '2026-01-01T12:00:00'}}"
    assert read_reviews(left)[UserId("anna")].rated_at == NOON


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"null",
        b"[]",
        b"5",
        b"{",
        b"\xff\xfe",
        b"__import__('os').abort()",
        b"{'anna': __import__('os').abort()}",
        b"{**{'anna': 1}}",
        b"{'anna': {'score': (lambda: 5)()}}",
        b"[" * 100_000,
        b"{'a':" * 10_000,
        b"-" * 50_000 + b"1",
        b"{1: {'score': 5}}"[:-1],
    ],
)
def test_what_is_no_reviews_is_none_and_is_never_run(content: bytes | None) -> None:
    assert read_reviews(content) == {}
