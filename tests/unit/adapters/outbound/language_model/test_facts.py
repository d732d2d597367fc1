"""What users tell of themselves."""

import pytest

from adapters.outbound.language_model.facts import MOST, facts_of
from adapters.outbound.language_model.statements import statements_of
from domain.fact import FactCategory
from domain.fact_agreement import Agreement, agreement_of
from domain.material import NOTHING_KNOWN, Background
from domain.memory import FactDraft
from tests.unit.adapters.outbound.language_model.labeled_days import ALL
from tests.unit.adapters.outbound.language_model.labeled_facts import HELD_OUT, SEEN
from tests.unit.adapters.outbound.language_model.labeled_talks import Labeled, Score, score, turns


def found(talk: str, *, background: Background = NOTHING_KNOWN) -> tuple[FactDraft, ...]:
    segments = turns(talk)
    return facts_of(segments, statements_of(segments), background=background)


def contents(talk: str) -> list[str]:
    return [fact.content for fact in found(talk)]


@pytest.mark.parametrize("talks", [SEEN, HELD_OUT, tuple(day.labeled(*day.facts) for day in ALL)])
def test_of_labeled_talks_nearly_every_fact_is_right(talks: tuple[Labeled, ...]) -> None:
    result = sum((score(contents(one.talk), one) for one in talks), Score(0, 0, 0))
    assert result.precision >= 0.9
    assert result.recall >= 0.8


@pytest.mark.parametrize(
    ("said", "content"),
    [
        ("U: I love strong coffee.", "Loves strong coffee."),
        ("U: Well, I work as a nurse.", "Works as a nurse."),
        ("U: We live in Hamburg with my sister.", "Lives in Hamburg with their sister."),
        ("U: My daughter's name is Emma.", "Their daughter is Emma."),
        ("U: I carry the kids every morning. I carry on.", ""),
        ("U: I never drink coffee after noon.", "Never drinks coffee after noon."),
        ("U: I can't stand cilantro.", "Dislikes cilantro."),
        ("U: I was born in Madrid.", "Was born in Madrid."),
    ],
)
def test_a_fact_is_a_sentence_in_the_third_person(said: str, content: str) -> None:
    assert contents(said) == ([content] if content else [])


def test_a_fact_names_its_segment_and_its_kind() -> None:
    (fact,) = found("A: And you? / U: I play the piano.")
    assert fact == FactDraft(content="Plays the piano.", category=FactCategory.HOBBIES, evidence=("s1",))


def test_what_others_say_of_themselves_is_no_fact() -> None:
    assert found("A: I have diabetes and I live in Graz. / U: I see.") == ()


def test_what_the_user_is_told_to_their_face_counts_where_only_two_speak() -> None:
    assert contents("A: You're allergic to cats. / U: Right.") == ["Is allergic to cats."]
    assert contents("A: You're allergic to cats. / B: Right. / U: Hm.") == []


def test_what_is_known_is_not_found_again() -> None:
    known = Background(facts=("Plays the piano.",))
    assert found("U: I play the piano.", background=known) == ()


def test_what_is_taken_back_is_no_fact() -> None:
    assert found("U: I live in a castle. Just kidding.") == ()


def test_there_are_three_facts_at_most_and_the_weightiest_come_first() -> None:
    said = "U: I love jazz. I speak Spanish. I like big dogs. I'm allergic to peanuts. I have two kids."
    facts = contents(said)
    assert len(facts) == MOST
    assert facts[0] == "Is allergic to peanuts."


def test_facts_read_so_that_newer_ones_take_the_place_of_older_ones() -> None:
    (older,), (newer,) = contents("U: I live in Hamburg."), contents("U: I live in Oslo.")
    assert agreement_of(newer, older) is Agreement.CHANGED
