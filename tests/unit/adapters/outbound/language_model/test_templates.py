"""What the user is told without a model."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.outbound.language_model.extractive import ExtractiveLanguageModel
from application.tasks.answer_question import NOTHING_FOUND, answer_question
from application.tasks.day_summary import MOST_WORDS, day_summary
from application.tasks.describe_photos import PhotoDescription, describe_photos
from application.tasks.emotional_message import emotional_message
from application.tasks.followup_question import PLAIN, followup_question
from application.tasks.initial_message import initial_message
from application.tasks.plugin_prompt import plugin_prompt
from application.tasks.structure_memory import structure_memory
from domain.ids import MemoryId
from domain.material import Background, Image, Passage
from domain.memory import ActionItem, Memory, MemoryDraft, Structure
from ports.language_model import Task
from tests.unit.adapters.outbound.language_model.labeled_talks import NOW, turns

LONG = "User: We talked about the weather for a while. It was cold.\nAnna: The flight to Lisbon leaves on Thursday."


async def made(task: Task[Any]) -> Any:
    return (await ExtractiveLanguageModel().generate(task)).value


def passage(text: str) -> Passage:
    return Passage(memory_id=MemoryId("m1"), text=text)


def memory(title: str, *items: str) -> Memory:
    structure = Structure(
        title=title, overview="It was long.", action_items=tuple(ActionItem(description=item) for item in items)
    )
    return Memory(id=MemoryId(title), created_at=datetime(2026, 5, 4, tzinfo=UTC), structure=structure)


async def test_an_answer_quotes_the_sentence_that_comes_closest_and_says_that_it_only_quotes() -> None:
    answer = await made(answer_question("When does the flight leave?", passages=[passage(LONG)]))
    assert answer == (
        "I can only quote. In your memories, this comes closest:\n- Anna: The flight to Lisbon leaves on Thursday. [1]"
    )


async def test_nothing_is_quoted_where_nothing_was_found() -> None:
    assert await made(answer_question("When?", passages=[])) == NOTHING_FOUND


async def test_a_quote_is_cut() -> None:
    answer = await made(answer_question("When?", passages=[passage("word " * 500)]))
    assert len(answer.split()) < 50


async def test_a_link_that_is_not_in_the_passages_does_not_enter_an_answer() -> None:
    assert "evil" not in await made(answer_question("evil.example.com?", passages=[passage(LONG)]))


async def test_a_day_is_told_by_its_titles_and_what_is_open() -> None:
    told = await made(day_summary([memory("Lisbon", "Book the hotel"), memory("Garden")]))
    assert told == "Today you talked about: Lisbon; Garden. Still open: Book the hotel."


async def test_a_long_day_keeps_within_its_words() -> None:
    told = await made(day_summary([memory(f"Talk about project {n}", "Write the report") for n in range(30)]))
    assert 0 < len(told.split()) <= MOST_WORDS
    assert "more" in told


async def test_a_day_without_memories_is_told_in_no_words() -> None:
    assert await made(day_summary([])) == ""


@pytest.mark.parametrize(("emotion", "word"), [("Anger", "infuriating"), ("Sadness", "heavy"), ("Contempt", "lot")])
async def test_kind_words_go_with_the_emotion(emotion: str, word: str) -> None:
    assert word in await made(emotional_message((emotion,), context="the move"))


async def test_a_greeting_has_the_users_name() -> None:
    assert "Anna" in await made(initial_message(background=Background(user_name="Anna")))


async def test_a_question_about_what_is_being_said_names_what_is_talked_about() -> None:
    segments = turns("U: The cello lessons begin in May.\nA: Cello lessons are expensive.")
    going_on = Memory(id=MemoryId("now"), created_at=NOW, segments=segments)
    assert await made(followup_question(going_on)) == "What else is there to say about cello lessons?"
    assert await made(followup_question(memory("Lisbon", "Book the hotel"))) == (
        "What is the next step with this: “Book the hotel”?"
    )
    assert await made(followup_question(Memory(id=MemoryId("now"), created_at=NOW))) == PLAIN


async def test_an_apps_prompt_gets_nothing() -> None:
    assert await made(plugin_prompt("Praise me.", app="Praise", segments=turns("U: Hello there."))) == ""


async def test_photos_are_not_made_up() -> None:
    assert await made(describe_photos([Image(content=b"x")])) == (PhotoDescription(),)


async def test_photo_notes_stand_in_where_nothing_was_said() -> None:
    draft = await made(structure_memory((), photo_notes=("A red bicycle in front of a bakery.",)))
    assert isinstance(draft, MemoryDraft)
    assert not draft.discard
    assert draft.structure.overview == "A red bicycle in front of a bakery."


async def test_a_draft_knows_when_it_was_said_and_who_spoke() -> None:
    segments = turns("A: I'll book the hotel tomorrow. / U: Thanks. My flight is on Thursday at 3 pm.")
    task = structure_memory(segments, background=Background(now=NOW), voices=("Clara", "User"))
    structure = (await made(task)).structure
    assert structure.action_items[0].owner == "Clara"
    assert structure.action_items[0].due == datetime(2026, 5, 5, tzinfo=NOW.tzinfo)
    assert structure.events[0].start == datetime(2026, 5, 7, 15, tzinfo=NOW.tzinfo)
