"""Whose names are found, and what the talk is about."""

import pytest

from adapters.outbound.language_model.extractive import draft_of
from adapters.outbound.language_model.people import people_of
from adapters.outbound.language_model.statements import statements_of
from domain.material import NOTHING_KNOWN, Background
from tests.unit.adapters.outbound.language_model import transcripts
from tests.unit.adapters.outbound.language_model.labeled_talks import turns
from tests.unit.adapters.outbound.language_model.transcripts import transcript


def found(talk: str, *, background: Background = NOTHING_KNOWN) -> tuple[str, ...]:
    segments = turns(talk)
    return people_of(segments, statements_of(segments), background=background)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("A: Hi, this is Anna. / U: Hello Anna.", ("Anna",)),
        ("A: You should talk to Ben about it.", ("Ben",)),
        ("A: My boss is called Oyelaran.", ("Oyelaran",)),
        ("U: I met Zbigniew Kowalski in the elevator.", ("Zbigniew Kowalski",)),
        ("U: Dr. Abernathy has time on Monday.", ("Abernathy",)),
        ("U: Anna came, and later Anna Schmidt called.", ("Anna Schmidt",)),
        ("U: We flew to Lisbon with Lufthansa on Friday.", ()),
        ("U: This is Great. This is Monday. Talk to You.", ()),
        ("A: Ask Siri. / U: Hey Google. Thank God.", ()),
    ],
)
def test_names_are_those_that_are_used_as_names(said: str, names: tuple[str, ...]) -> None:
    assert found(said) == names


def test_whom_the_user_knows_is_found_however_it_is_written() -> None:
    assert found("A: i saw oyelaran", background=Background(people=("Oyelaran", "Mia"))) == ("Oyelaran",)


def test_the_user_is_not_among_the_people() -> None:
    assert found("A: Hi Anna, this is Ben.", background=Background(user_name="Anna")) == ("Ben",)


def test_topics_are_what_was_talked_about_and_not_how() -> None:
    topics = draft_of(
        turns("A: The new garden sounds awesome. / U: Awesome, yes. The garden needs a fence. / A: A fence is great.")
    ).topics
    assert topics[:2] == ("garden", "fence")
    assert not any("awesome" in topic or "sounds" in topic for topic in topics)


def test_topics_have_two_words_at_most_and_name_nobody() -> None:
    draft = draft_of(transcript(transcripts.DAYCARE))
    assert "Emma" in draft.people
    assert 0 < len(draft.topics) <= 8
    assert all(len(topic.split()) <= 2 and "Emma" not in topic for topic in draft.topics)
