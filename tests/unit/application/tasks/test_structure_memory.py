"""What a model wrote of a talk, as it is kept."""

import time
from datetime import UTC, datetime, timedelta

from application.tasks.findings import WrittenEvent, WrittenFact, WrittenItem
from application.tasks.structure_memory import WrittenMemory, structure_memory
from domain.fact import FactCategory
from domain.material import Background
from domain.memory import Category, MemoryDraft
from tests.contract.language_model_bench import said

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 5, 8, tzinfo=UTC)
TALK = said(
    "I'll send Maria the budget on Friday.",
    "Great, then we meet in the museum on Saturday at noon.",
    "Fine. I have played the cello since school.",
)


def item(**more: object) -> WrittenItem:
    given = {"description": "Send Maria the budget", "owner": "user", "when": "on Friday", "due": None, "segments": [0]}
    return WrittenItem(**(given | more))  # type: ignore[arg-type]


def event(**more: object) -> WrittenEvent:
    given = {
        "title": "Meet in the museum",
        "description": "",
        "when": "on Saturday at noon",
        "start": NOW,
        "duration_minutes": 60,
        "all_day": False,
        "segments": [1],
    }
    return WrittenEvent(**(given | more))  # type: ignore[arg-type]


def fact(**more: object) -> WrittenFact:
    given = {"content": "Plays the cello", "category": "hobbies", "segments": [2]}
    return WrittenFact(**(given | more))  # type: ignore[arg-type]


def concluded(**more: object) -> MemoryDraft:
    given = {
        "discard": False,
        "title": "The budget",
        "overview": "Maria gets the budget.",
        "category": "work",
        "emoji": "💼",
        "action_items": [],
        "events": [],
        "facts": [],
        "people": [],
        "topics": [],
    }
    task = structure_memory(TALK, background=Background(now=NOW, people=("Maria Lopez",)))
    return task.conclude(WrittenMemory(**(given | more)))  # type: ignore[arg-type]


def test_what_fits_is_kept_as_it_is() -> None:
    draft = concluded(
        action_items=[item(due=NOW)], events=[event()], facts=[fact()], people=["Maria"], topics=["money"]
    )
    assert (draft.structure.title, draft.structure.category, draft.structure.emoji) == (
        "The budget",
        Category.WORK,
        "💼",
    )
    [kept] = draft.structure.action_items
    assert (kept.description, kept.owner, kept.due, kept.evidence) == (
        "Send Maria the budget",
        "user",
        FRIDAY,
        ("s0",),
    )
    assert draft.structure.events[0].evidence == ("s1",)
    assert draft.facts[0].category is FactCategory.HOBBIES
    assert (draft.people, draft.topics) == (("Maria",), ("money",))


def test_an_event_lasts_three_hours_at_most() -> None:
    made = concluded(events=[event(duration_minutes=10_000), event(duration_minutes=-5)])
    assert [e.duration for e in made.structure.events] == [180, 30]


def test_an_event_without_a_time_is_none() -> None:
    assert concluded(events=[event(start=None, when="")]).structure.events == ()


def test_a_date_far_from_the_talk_was_miscounted() -> None:
    far = NOW + timedelta(days=30 * 366)
    made = concluded(action_items=[item(due=far, when="")], events=[event(start=far, when="")])
    assert made.structure.action_items[0].due is None
    assert made.structure.events == ()


def test_a_category_that_there_is_not_is_other() -> None:
    assert concluded(category="malware").structure.category is Category.OTHER
    assert concluded(facts=[fact(category="secrets")]).facts[0].category is FactCategory.OTHER


def test_an_owner_is_the_user_or_somebody_who_is_known() -> None:
    owners = ["user", "Maria", "Maria Lopez", "Mallory", ""]
    made = concluded(action_items=[item(owner=owner) for owner in owners])
    assert [i.owner for i in made.structure.action_items] == ["user", "Maria", "Maria Lopez", "", ""]


def test_there_are_never_too_many() -> None:
    made = concluded(
        action_items=[item()] * 100,
        events=[event()] * 100,
        facts=[fact()] * 100,
        people=["Maria", "maria"] * 50,
        topics=[f"topic {n}" for n in range(100)],
    )
    counts = [len(made.structure.action_items), len(made.structure.events), len(made.facts), len(made.people)]
    assert counts == [20, 10, 3, 1]
    assert len(made.topics) == 8


def test_texts_have_bounds() -> None:
    made = concluded(title="word " * 500, overview="word " * 5_000)
    assert len(made.structure.title) <= 121
    assert len(made.structure.overview) <= 4_001


def test_an_emoji_is_an_emoji() -> None:
    assert concluded(emoji="<b>").structure.emoji == "🧠"
    assert concluded(emoji="").structure.emoji == "🧠"
    assert concluded(emoji="👨‍👩‍👧").structure.emoji == "👨‍👩‍👧"


def test_people_who_were_not_mentioned_are_left_out() -> None:
    assert concluded(people=["Maria", "Mallory"]).people == ("Maria",)


def test_a_memory_with_photos_is_not_discarded() -> None:
    task = structure_memory((), photo_notes=("A dog on a beach.",))
    written = WrittenMemory(
        discard=True, title="", overview="", category="", emoji="", action_items=[], events=[], facts=[], people=[],
        topics=[],
    )  # fmt: skip
    assert not task.conclude(written).discard
    assert structure_memory(()).conclude(written).discard


def test_a_model_that_rambles_costs_no_time() -> None:
    began = time.process_time()
    made = concluded(
        action_items=[item(owner="Mallory", segments=list(range(10_000)))] * 10_000,
        people=[f"Nobody {n}" for n in range(10_000)],
        topics=[f"topic {n}" for n in range(10_000)],
    )
    assert time.process_time() - began < 0.5
    assert made.people == ()
