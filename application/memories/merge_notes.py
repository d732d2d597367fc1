"""Notes of parts of a talk, as one: what was noted down twice is kept once."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from msgspec import structs

from application.tasks.bounds import names
from application.tasks.findings import MOST_EVENTS, MOST_FACTS, MOST_ITEMS, MOST_PEOPLE, MOST_TOPICS
from application.tasks.transcript_chunk import ChunkNotes
from domain.memory import ActionItem, CalendarEvent, FactDraft, MemoryDraft, Structure
from domain.words import stem, telling, words_of

SAME = 0.8
"""Share of their words that two items have in common when they are one."""

T = TypeVar("T", bound=ActionItem | CalendarEvent | FactDraft)


def merged(structure: Structure, notes: Sequence[ChunkNotes]) -> MemoryDraft:
    """The draft of a memory.

    Args:
        structure: title, overview, category and emoji of the whole.
        notes: of all parts, in order.
    """
    items = _different((i for n in notes for i in n.action_items), said=lambda item: item.description)
    events = _different((e for n in notes for e in n.events), said=lambda event: f"{event.title} {event.start}")
    facts = _different((f for n in notes for f in n.facts), said=lambda fact: fact.content)
    return MemoryDraft(
        structure=structs.replace(structure, action_items=items[:MOST_ITEMS], events=events[:MOST_EVENTS]),
        facts=facts[:MOST_FACTS],
        people=names((name for n in notes for name in n.people), most=MOST_PEOPLE),
        topics=names((topic for n in notes for topic in n.topics), most=MOST_TOPICS),
    )


def _different(found: Iterable[T], *, said: Callable[[T], str]) -> tuple[T, ...]:
    """Each one once, with the evidence of all its mentions."""
    kept: list[T] = []
    known: list[frozenset[str]] = []
    for item in found:
        words = frozenset(map(stem, telling(words_of(said(item)))))
        place = next((n for n, other in enumerate(known) if _alike(words, other)), None)
        if place is None:
            kept.append(item)
            known.append(words)
        else:
            evidence = tuple(dict.fromkeys((*kept[place].evidence, *item.evidence)))
            kept[place] = structs.replace(kept[place], evidence=evidence)
    return tuple(kept)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME * max(len(one), len(other), 1)
