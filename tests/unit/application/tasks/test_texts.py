"""Tasks whose output is text: what a model wrote, as it is shown; and what is shown without a model."""

from typing import Any

from application.tasks.answer_question import NOTHING_FOUND, answer_question, cited
from application.tasks.day_summary import day_summary
from application.tasks.describe_photos import PhotoDescription, WrittenPhoto, WrittenPhotos, describe_photos
from application.tasks.emotional_message import emotional_message
from application.tasks.followup_question import MOST_READ, MOST_WORDS, PLAIN, followup_question
from application.tasks.initial_message import initial_message
from application.tasks.plugin_prompt import plugin_prompt
from domain.ids import MemoryId
from domain.material import Background, Image, Passage, Talk
from domain.memory import ActionItem, Memory, Structure
from tests.contract.language_model_bench import said
from tests.contract.test_language_model import NOW

PASSAGES = [
    Passage(memory_id=MemoryId("m1"), text="Anna: The flight leaves on Thursday."),
    Passage(memory_id=MemoryId("m2"), text="Ben: It was moved to Friday."),
]


def test_an_answer_keeps_the_citations_of_what_it_was_given() -> None:
    task = answer_question("When?", passages=PASSAGES)
    assert task.conclude("On Friday [2]; it was Thursday [1] [7] [0].") == "On Friday [2]; it was Thursday [1]."


def test_cited_passages_come_in_the_order_of_citing_and_once() -> None:
    assert cited("Friday [2], Thursday [1], Friday [2], never [9].", PASSAGES) == (PASSAGES[1], PASSAGES[0])


def test_without_a_model_an_answer_points_to_what_was_found() -> None:
    fallback = answer_question("When?", passages=PASSAGES).fallback
    assert fallback is not None
    assert "Thursday. [1]" in fallback
    assert "Friday. [2]" in fallback
    assert answer_question("When?", passages=[]).fallback == NOTHING_FOUND


def test_an_answer_has_no_links_of_its_own() -> None:
    task = answer_question("When?", passages=PASSAGES)
    assert task.conclude("Friday [2], see https://evil.example/x") == "Friday [2], see"


def test_a_day_has_fifty_words() -> None:
    task = day_summary([Memory(id=MemoryId("m1"), created_at=NOW, structure=Structure(title="Lunch"))])
    assert len(task.conclude("One more word. " * 40).split()) <= 50
    assert task.fallback == "Today you talked about: Lunch."
    assert day_summary([]).fallback == ""


def test_what_is_done_is_not_told_to_a_model_as_to_be_done() -> None:
    items = (ActionItem(description="Buy milk", completed=True), ActionItem(description="Call Ben"))
    task = day_summary([Memory(id=MemoryId("m1"), created_at=NOW, structure=Structure(title="x", action_items=items))])
    assert "Call Ben" in str(task.materials)
    assert "Buy milk" not in str(task.materials)


def test_an_app_with_nothing_to_say_says_nothing() -> None:
    task = plugin_prompt("Find jokes.", app="Jokes", segments=said("Hello."))
    assert task.conclude("-") == ""
    assert task.fallback == ""


def test_a_fence_around_an_apps_result_is_taken_off() -> None:
    task = plugin_prompt("Find jokes.", app="Jokes", segments=said("Hello."))
    assert task.conclude("```markdown\n# A joke\nHa.\n```") == "# A joke\nHa."


def test_an_app_links_only_to_what_its_prompt_or_the_talk_names() -> None:
    task = plugin_prompt("Point to https://app.example/help.", app="Help", segments=said("Hello."))
    assert task.conclude("See https://app.example/help and https://evil.example/") == "See https://app.example/help and"


def test_a_kind_word_has_twenty_words() -> None:
    task = emotional_message(("sadness",), context="The exam.")
    assert len(task.conclude("word " * 60).split()) <= 20
    assert task.fallback


def test_a_greeting_uses_the_name() -> None:
    assert initial_message(background=Background(user_name="Anna")).fallback == (
        "Hi Anna! What would you like to talk about?"
    )


def plain_question(**fields: Any) -> str | None:
    return followup_question(Memory(id=MemoryId("m1"), created_at=NOW, **fields)).fallback


def test_a_question_without_a_model_names_what_is_open_then_what_it_was_about() -> None:
    done = ActionItem(description="Buy milk", completed=True), ActionItem(description="Sing", deleted=True)
    items = (*done, ActionItem(description="Call Ben."))
    assert plain_question(structure=Structure(title="Lunch", action_items=items), topics=("milk",)) == (
        "What is the next step with this: “Call Ben”?"
    )
    assert plain_question(structure=Structure(title="Lunch", action_items=done), topics=(" ", "milk")) == (
        "What is still open about milk?"
    )
    assert plain_question(structure=Structure(title="Lunch")) == "What came of “Lunch”?"
    assert plain_question() == PLAIN


def test_a_question_is_one_line_of_some_words_without_links_of_its_own() -> None:
    conclude = followup_question(Memory(id=MemoryId("m1"), created_at=NOW)).conclude
    assert conclude('"What about\nhttps://evil.example/ Friday?"\n') == "What about Friday?"
    assert len(conclude("word " * 90).split()) <= MOST_WORDS
    assert conclude(' "" ') == PLAIN


def test_of_a_long_talk_a_question_is_asked_about_the_end() -> None:
    turns = said(*(f"{number} {'x' * 1_000}" for number in range(20)))
    (talk,) = followup_question(Memory(id=MemoryId("m1"), created_at=NOW, segments=turns)).materials
    assert isinstance(talk, Talk)
    assert talk.segments == turns[-(MOST_READ // 1_003) :]


def test_each_photo_has_a_description_in_its_place() -> None:
    images = [Image(content=b"1"), Image(content=b"2")]
    second = WrittenPhoto(index=1, description="A dog.", text="EXIT", objects=["dog", "Dog"], people_present=True)
    strange = WrittenPhoto(index=9, description="?", text="", objects=[], people_present=False)
    made = describe_photos(images).conclude(WrittenPhotos(photos=[second, strange]))
    described = PhotoDescription(description="A dog.", text="EXIT", objects=("dog",), people_present=True)
    assert made == (PhotoDescription(), described)
    assert describe_photos(images).fallback == (PhotoDescription(), PhotoDescription())
