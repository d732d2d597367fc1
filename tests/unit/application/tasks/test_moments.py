"""Dates are those of the words that were said."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from application.tasks.moments import settled

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 5, 4, 12, 30, tzinfo=LISBON)
"""A Monday."""
SAID = "I will send it on Friday. Let us meet at 3 pm, or tomorrow at noon."


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 5, number, hour, tzinfo=LISBON)


def test_a_model_that_miscounts_is_corrected() -> None:
    assert settled(day(9), when="on Friday", said=SAID, now=NOW) == day(8)


def test_a_time_within_the_day_is_kept() -> None:
    assert settled(day(8, 15), when="on Friday", said=SAID, now=NOW) == day(8, 15)


def test_words_alone_are_enough() -> None:
    assert settled(None, when="on Friday", said=SAID, now=NOW) == day(8)


def test_a_time_without_a_day_is_left_to_the_model() -> None:
    assert settled(day(6, 15), when="at 3 pm", said=SAID, now=NOW) == day(6, 15)


@pytest.mark.parametrize("when", ["", "next Sunday", "soon", "on Friday. Let us meet at 3 pm, or tomorrow at noon"])
def test_words_that_were_not_said_or_tell_nothing_change_nothing(when: str) -> None:
    assert settled(day(9), when=when, said=SAID, now=NOW) == day(9)
    assert settled(None, when=when, said=SAID, now=NOW) is None


def test_without_a_time_of_the_talk_nothing_is_reckoned() -> None:
    assert settled(day(9), when="on Friday", said=SAID, now=None) == day(9)
