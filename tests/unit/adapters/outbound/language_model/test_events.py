"""What takes place when."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.outbound.language_model.events import MOST, events_of
from adapters.outbound.language_model.statements import statements_of
from domain.memory import CalendarEvent
from tests.unit.adapters.outbound.language_model.labeled_dates import HELD_OUT, SEEN
from tests.unit.adapters.outbound.language_model.labeled_days import ALL
from tests.unit.adapters.outbound.language_model.labeled_talks import NOW, Labeled, Score, score, turns

BERLIN = ZoneInfo("Europe/Berlin")


def found(talk: str) -> tuple[CalendarEvent, ...]:
    segments = turns(talk)
    return events_of(segments, statements_of(segments), now=NOW)


def shown(event: CalendarEvent) -> str:
    return f"{event.start.strftime('%m-%d' if event.all_day else '%m-%d %H:%M')} {event.title}"


@pytest.mark.parametrize(
    ("talks", "recall"),
    [(SEEN, 0.9), (HELD_OUT, 0.9), (tuple(day.labeled(*day.events) for day in ALL), 0.7)],
)
def test_of_labeled_talks_most_events_are_found_and_little_else(talks: tuple[Labeled, ...], recall: float) -> None:
    result = sum((score([shown(e) for e in found(one.talk)], one) for one in talks), Score(0, 0, 0))
    assert result.precision >= 0.9
    assert result.recall >= recall


def test_an_event_stands_in_the_zone_of_the_user() -> None:
    (event,) = found("A: The budget meeting is on Thursday at 3 pm.")
    assert event == CalendarEvent(
        title="Budget meeting", start=datetime(2026, 5, 7, 15, tzinfo=BERLIN), duration=30, evidence=("s0",)
    )
    assert event.start.utcoffset() is not None


def test_an_event_without_a_clock_time_takes_all_day() -> None:
    (event,) = found("U: The wedding is on Saturday.")
    assert event.all_day
    assert event.start == datetime(2026, 5, 9, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("U: The workshop is on June 3rd from 9 to 11 am.", 120),
        ("U: The call is tomorrow at 2 pm for two hours.", 120),
        ("U: We have a 45 minute call tomorrow at 2 pm.", 45),
        ("U: The call is tomorrow at 2 pm.", 30),
    ],
)
def test_an_event_lasts_as_long_as_was_said(said: str, minutes: int) -> None:
    (event,) = found(said)
    assert event.duration == minutes


def test_dinner_at_seven_is_in_the_evening() -> None:
    (event,) = found("U: Dinner with my parents tomorrow at seven.")
    assert event.start.hour == 19
    (event,) = found("U: The flight is tomorrow at seven.")
    assert event.start.hour == 7


def test_an_answer_that_tells_the_time_belongs_to_its_question() -> None:
    (event,) = found("U: When is the interview? / A: Tomorrow at 2 pm.")
    assert event.title == "Interview"
    assert event.evidence == ("s0", "s1")


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("A: We're flying to Boston on Friday.", "Flying to Boston"),
        ("A: Parents' evening is on Thursday at six pm.", "Parents' evening"),
        ("A: The report is due on Wednesday.", "Report due"),
        ("U: I have lunch with Anna Schmidt on Friday.", "Lunch with Anna Schmidt"),
    ],
)
def test_a_title_is_made_of_the_words_around(said: str, title: str) -> None:
    (event,) = found(said)
    assert event.title == title


def test_what_is_said_twice_is_one_event_with_the_exact_time() -> None:
    (event,) = found("A: We have the demo on Thursday. / U: Right, the demo on Thursday at 10 am.")
    assert not event.all_day
    assert event.evidence == ("s1", "s0")


@pytest.mark.parametrize(
    "said",
    [
        "U: We had dinner with Anna last Friday.",
        "A: The standup is every Monday at nine.",
        "A: The meeting on Tuesday is canceled.",
        "A: If it rains the match on Sunday starts at 3 pm.",
        "A: I'll finish the slides by Friday for the review.",
        "A: Do you want to grab dinner on Thursday? / U: Thursday is bad, sorry.",
        "A: We should have lunch some day.",
    ],
)
def test_what_does_not_take_place_is_no_event(said: str) -> None:
    assert found(said) == ()


def test_there_are_ten_events_at_most_in_order_of_time() -> None:
    events = found(" / ".join(f"A: The meeting is on May {31 - day}th at 3 pm." for day in range(14)))
    assert len(events) == MOST
    assert [event.start for event in events] == sorted(event.start for event in events)
