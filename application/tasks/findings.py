"""What is looked for in a talk: commitments, dates, facts. As a model writes it down, and as it is kept."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Annotated

from msgspec import Meta, Struct

from application.tasks import bounds
from application.tasks.moments import settled
from domain.fact import FactCategory
from domain.grounding import Vocabulary, of_the_user, said_in, without_strange_links
from domain.material import Background
from domain.memory import ActionItem, CalendarEvent, FactDraft
from domain.transcript import TranscriptSegment

MOST_ITEMS = 20
MOST_EVENTS = 10
MOST_FACTS = 3
MOST_PEOPLE = 20
MOST_TOPICS = 8
LONGEST_EVENT = 180
"""Minutes."""
USUAL_EVENT = 30
_LONGEST_NAME = 80

_LOOKED_AT = 60
"""Entries of a list that are looked at, however many a model wrote."""

Evidence = Annotated[list[int], Meta(description="Index `i` of each segment that says so. Without one it is dropped.")]
When = Annotated[str, Meta(description="The words of the talk that say when, as spoken. Empty if none do.")]
Moment = Annotated[datetime, Meta(tz=True)]
FactKind = Annotated[str, Meta(extra_json_schema={"enum": list(FactCategory)})]


class WrittenItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A commitment: something that somebody said they would do."""

    description: Annotated[str, Meta(description="What is to be done, with a verb, at most 20 words.")]
    owner: Annotated[str, Meta(description="`user`, or the name of who promised it; empty if nobody did.")]
    when: When
    due: Annotated[Moment | None, Meta(description="ISO 8601 with offset, by `now` of the background.")]
    segments: Evidence


class WrittenEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that was said to take place at a time."""

    title: Annotated[str, Meta(description="At most 10 words.")]
    description: Annotated[str, Meta(description="At most 25 words; may be empty.")]
    when: When
    start: Annotated[Moment | None, Meta(description="ISO 8601 with offset; midnight if it has no time of day.")]
    duration_minutes: Annotated[int, Meta(description="At most 180; 30 if it was not said.")]
    all_day: Annotated[bool, Meta(description="No time of day was said.")]
    segments: Evidence


class WrittenFact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something lasting about the user."""

    content: Annotated[str, Meta(description="One sentence about the user, at most 20 words.")]
    category: FactKind
    segments: Evidence


class Findings:
    """Takes what a model found in a talk; gives what rests on it, within bounds."""

    def __init__(self, segments: tuple[TranscriptSegment, ...], *, background: Background) -> None:
        self._segments = segments
        self._background = background
        self._said = "\n".join(segment.text for segment in segments)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self._segments)

    def clean(self, text: str) -> str:
        """The text, with no address that was not said."""
        return without_strange_links(text, source=self._said)

    def action_items(self, written: Iterable[WrittenItem]) -> tuple[ActionItem, ...]:
        """The commitments that somebody made."""
        return tuple(self._items(written))[:MOST_ITEMS]

    def events(self, written: Iterable[WrittenEvent]) -> tuple[CalendarEvent, ...]:
        """What takes place, and when."""
        return tuple(self._events(written))[:MOST_EVENTS]

    def facts(self, written: Iterable[WrittenFact]) -> tuple[FactDraft, ...]:
        """What the user told of themselves, or was told of them to their face."""
        return tuple(self._facts(written))[:MOST_FACTS]

    def people(self, written: Iterable[str]) -> tuple[str, ...]:
        """Names that were said."""
        said = (name for name in map(self.clean, islice(written, _LOOKED_AT)) if name in self._vocabulary)
        return bounds.names(said, most=MOST_PEOPLE)

    def topics(self, written: Iterable[str]) -> tuple[str, ...]:
        """What it was about, in a word or two each."""
        return bounds.names(map(self.clean, islice(written, _LOOKED_AT)), most=MOST_TOPICS)

    def _items(self, written: Iterable[WrittenItem]) -> Iterator[ActionItem]:
        for item in islice(written, _LOOKED_AT):
            description = bounds.line(self.clean(item.description))
            evidence = said_in(description, evidence=item.segments, segments=self._segments)
            if evidence:
                due = settled(item.due, when=item.when, said=self._said, now=self._background.now)
                yield ActionItem(description=description, owner=self._owner(item.owner), due=due, evidence=evidence)

    def _events(self, written: Iterable[WrittenEvent]) -> Iterator[CalendarEvent]:
        for event in islice(written, _LOOKED_AT):
            title = bounds.line(self.clean(event.title))
            description = bounds.line(self.clean(event.description))
            start = settled(event.start, when=event.when, said=self._said, now=self._background.now)
            claim = f"{title} {event.when}"
            evidence = said_in(claim, evidence=event.segments, segments=self._segments)
            if title and start is not None and evidence:
                yield CalendarEvent(
                    title=title,
                    description=description,
                    start=start,
                    duration=min(event.duration_minutes, LONGEST_EVENT) if event.duration_minutes > 0 else USUAL_EVENT,
                    all_day=event.all_day,
                    evidence=evidence,
                )

    def _facts(self, written: Iterable[WrittenFact]) -> Iterator[FactDraft]:
        for fact in islice(written, _LOOKED_AT):
            content = bounds.line(self.clean(fact.content))
            evidence = of_the_user(
                content, evidence=fact.segments, segments=self._segments, user_name=self._background.user_name
            )
            if evidence:
                yield FactDraft(content=content, category=fact_category(fact.category), evidence=evidence)

    def _owner(self, written: str) -> str:
        """The user, or somebody who is known or was named; nobody else."""
        owner = bounds.line(self.clean(written), longest=_LONGEST_NAME)
        if owner.casefold() in {"user", self._background.user_name.casefold()} - {""}:
            return "user"
        known = owner in self._background.people or owner in self._vocabulary
        return owner if known else ""


def fact_category(written: str) -> FactCategory:
    """The category of that name; `other` where there is none."""
    known = {category.value: category for category in FactCategory}
    return known.get(written.strip().lower(), FactCategory.OTHER)
