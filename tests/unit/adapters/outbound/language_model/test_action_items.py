"""Who is to do what, in talks that are labeled and in single ones."""

from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

import pytest

from adapters.outbound.language_model.action_items import MOST, action_items_of
from adapters.outbound.language_model.statements import statements_of
from domain.material import Talk
from domain.memory import ActionItem
from tests.unit.adapters.outbound.language_model.labeled_commitments import HELD_OUT, SEEN
from tests.unit.adapters.outbound.language_model.labeled_days import ALL
from tests.unit.adapters.outbound.language_model.labeled_talks import NOW, Labeled, Score, score, turns

BERLIN = ZoneInfo("Europe/Berlin")
TOP = 5


def found(talk: str, *, now: datetime | None = NOW, voices: tuple[str, ...] = ()) -> tuple[ActionItem, ...]:
    segments = turns(talk)
    return action_items_of(Talk(segments=segments, voices=voices), statements_of(segments), now=now)


def scored(talks: tuple[Labeled, ...]) -> Score:
    descriptions = ([item.description for item in found(labeled.talk)[:TOP]] for labeled in talks)
    return sum(map(score, descriptions, talks), Score(0, 0, 0))


@pytest.mark.parametrize("talks", [SEEN, HELD_OUT, tuple(day.labeled(*day.items) for day in ALL)])
def test_of_labeled_talks_most_commitments_are_found_and_little_else(talks: tuple[Labeled, ...]) -> None:
    result = scored(talks)
    assert result.precision >= 0.9
    assert result.recall >= 0.9


def test_there_are_talks_enough_to_tell() -> None:
    assert len(SEEN) + len(HELD_OUT) + len(ALL) >= 40


def test_a_promise_of_the_user_is_the_users() -> None:
    (item,) = found("A: What about the slides? / U: I'll send you the slides by Friday.")
    assert item.owner == "user"
    assert item.description == "Send them the slides by Friday"
    assert item.due == datetime(2026, 5, 8, tzinfo=BERLIN)
    assert item.evidence == ("s1",)


def test_a_promise_to_the_user_reads_as_the_user_would_say_it() -> None:
    (item,) = found("A: I'll email you my notes tonight. / U: Thanks.")
    assert item.description == "Email me their notes tonight"
    assert item.owner == "Speaker 0"


def test_who_is_asked_and_agrees_is_to_do_it() -> None:
    (item,) = found("A: Can you call the landlord about the heating? / U: Sure, I'll do it this afternoon.")
    assert item.owner == "user"
    assert item.due is not None
    assert item.due.date() == NOW.date()
    assert item.evidence == ("s0", "s1")


def test_who_is_called_by_name_owns_what_they_agree_to() -> None:
    (item,) = found("A: Ben, please write up the notes. / B: Will do. / U: Great.")
    assert item.owner == "Ben"


def test_a_name_at_the_end_is_whom_one_speaks_to() -> None:
    (item,) = found("U: Please send me the report, Tom. / B: Sure.")
    assert (item.owner, item.description) == ("Tom", "Send me the report")


def test_an_address_stays_whole() -> None:
    (item,) = found("U: I'll send you https://example.com/a.html tomorrow.")
    assert item.description == "Send them https://example.com/a.html tomorrow"


def test_voices_that_have_names_own_by_name() -> None:
    (item,) = found("A: I'll book the room for Monday. / U: Good.", voices=("Clara", "User"))
    assert item.owner == "Clara"


@pytest.mark.parametrize(
    "talk",
    [
        "A: Can you lend me your car tomorrow? / U: Sorry, I can't.",
        "A: Could you paint the fence on Sunday? / U: No, I have other plans.",
        "A: Can you send me the file? / U: Did you see the game?",
    ],
)
def test_a_request_that_nobody_agrees_to_is_none(talk: str) -> None:
    assert found(talk) == ()


def test_what_is_asked_and_promised_is_one_item() -> None:
    items = found("A: Can you order diapers? / U: Sure, I'll order diapers tonight. / A: And wipes? / U: Yes.")
    assert [item.description for item in items] == ["Order diapers tonight"]
    assert items[0].evidence == ("s0", "s1")


def test_nothing_is_certain() -> None:
    talks = (labeled.talk for labeled in chain(SEEN, HELD_OUT))
    assert all(0 < item.confidence < 1 for talk in talks for item in found(talk))


def test_the_surest_come_first_and_there_are_ten_at_most() -> None:
    things = ["tent", "rope", "lamp", "stove", "knife", "boots", "chairs", "map", "radio", "torch", "blanket", "kettle"]
    talk = " / ".join(f"U: I need to buy the {thing}. / A: I see." for thing in things)
    items = found(f"{talk} / U: I'll send the invoice tomorrow. / A: Great.")
    assert len(items) == MOST
    assert items[0].description == "Send the invoice tomorrow"
    assert [item.confidence for item in items] == sorted((item.confidence for item in items), reverse=True)


def test_confidence_tells_right_from_wrong_better_than_nothing() -> None:
    talks = (*SEEN, *HELD_OUT, *(day.labeled(*day.items) for day in ALL))
    sure = Score(0, 0, 0)
    for labeled in talks:
        sure += score([item.description for item in found(labeled.talk) if item.confidence >= 0.7], labeled)
    assert sure.precision >= 0.95


def test_what_is_due_in_a_week_is_due_on_its_last_day() -> None:
    (item,) = found("U: I must finish the tax return this week.")
    assert item.due == datetime(2026, 5, 10, tzinfo=BERLIN)


def test_nothing_is_due_when_nobody_knows_what_day_it_was() -> None:
    (item,) = found("U: I'll send the slides tomorrow.", now=None)
    assert item.due is None


def test_who_is_alone_notes_things_down() -> None:
    assert [item.description for item in found("U: Also buy batteries.")] == ["Buy batteries"]


def test_somebody_elses_words_are_no_promise() -> None:
    assert found("A: He said, I'll fix the roof by Monday. / U: She told me she thinks I'll pay the bill.") == ()
