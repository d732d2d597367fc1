"""A talk that is too long for one call: each part is noted down, then the notes are put together."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from application.tasks import bounds
from application.tasks.findings import Findings, WrittenEvent, WrittenFact, WrittenItem
from application.tasks.kind import Part, TaskKind
from application.tasks.structure_memory import (
    LONGEST_TITLE,
    CategoryName,
    Emoji,
    Overview,
    People,
    Title,
    Topics,
    category_of,
)
from domain.grounding import without_strange_links
from domain.material import Background, Talk, Text
from domain.memory import ActionItem, CalendarEvent, FactDraft, Structure
from domain.transcript import TranscriptSegment
from ports.language_model import Budget, Task

MOST_BULLETS = 12


class ChunkNotes(Struct, frozen=True, kw_only=True):
    """What was noted of a part of a talk."""

    bullets: tuple[str, ...] = ()
    action_items: tuple[ActionItem, ...] = ()
    events: tuple[CalendarEvent, ...] = ()
    facts: tuple[FactDraft, ...] = ()
    people: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


class WrittenNotes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a talk, noted down."""

    bullets: Annotated[list[str], Meta(description="Up to 12 key points in order, one sentence each.")]
    action_items: Annotated[list[WrittenItem], Meta(description="Commitments; none if none was made.")]
    events: Annotated[list[WrittenEvent], Meta(description="What was agreed on; none if nothing was.")]
    facts: Annotated[list[WrittenFact], Meta(description="Up to 3 lasting facts about the user that are new.")]
    people: People
    topics: Topics


class WrittenWhole(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A long talk as a whole."""

    title: Title
    overview: Overview
    category: CategoryName
    emoji: Emoji


NOTE = TaskKind(
    name="note_chunk",
    version=1,
    instructions="""\
You take notes of one part of a long conversation that a wearable recorder transcribed for its wearer: the user. What
came before and what follows is noted elsewhere. Words may be misheard; rely on what is clear.

- Key points are what somebody who was not there would want to know. None for idle talk.
- Action items are what somebody committed to, events what was agreed to take place at a time.
- Facts are lasting and about the user: said by the user, or said to the user of them.
- Each action item, event and fact names the segments that say so. Never name one that does not.
""",
    form=WrittenNotes,
    budget=Budget(seconds=60, output_tokens=4_000),
    trusted=(Part.BACKGROUND,),
    untrusted=(Part.TALK,),
)

JOIN = TaskKind(
    name="join_chunks",
    version=1,
    instructions="""\
You are given the notes of a long conversation, in order. Tell what it was about as a whole: a title, an overview of its
key points, the category that fits best, and one emoji. Rely on the notes alone.
""",
    form=WrittenWhole,
    budget=Budget(seconds=45, output_tokens=2_000),
    trusted=(Part.BACKGROUND,),
    untrusted=(Part.TEXT,),
)


def note_chunk(
    segments: tuple[TranscriptSegment, ...], *, background: Background, language: str, voices: tuple[str, ...] = ()
) -> Task[ChunkNotes]:
    """Notes of a part of a talk. Without a model there are none."""
    findings = Findings(segments, background=background)

    def conclude(written: WrittenNotes) -> ChunkNotes:
        bullets = (bounds.line(findings.clean(bullet)) for bullet in written.bullets[:MOST_BULLETS])
        return ChunkNotes(
            bullets=tuple(bullet for bullet in bullets if bullet),
            action_items=findings.action_items(written.action_items),
            events=findings.events(written.events),
            facts=findings.facts(written.facts),
            people=findings.people(written.people),
            topics=findings.topics(written.topics),
        )

    return NOTE.task(
        ChunkNotes,
        materials=(Talk(segments=segments, voices=voices),),
        conclude=conclude,
        background=background,
        language=language,
        fallback=ChunkNotes(),
    )


def join_chunks(notes: Sequence[ChunkNotes], *, background: Background, language: str) -> Task[Structure]:
    """Title, overview, category and emoji of a whole talk, from its notes alone. Without a model they are empty."""
    bullets = "\n".join(f"- {bullet}" for chunk in notes for bullet in chunk.bullets)

    def conclude(written: WrittenWhole) -> Structure:
        return Structure(
            title=bounds.line(without_strange_links(written.title, source=bullets), longest=LONGEST_TITLE),
            overview=bounds.paragraphs(without_strange_links(written.overview, source=bullets)),
            category=category_of(written.category),
            emoji=bounds.emoji(written.emoji),
        )

    return JOIN.task(
        Structure,
        materials=(Text(source="notes", text=bullets),),
        conclude=conclude,
        background=background,
        language=language,
        fallback=Structure(),
    )
