"""A finished conversation to the draft of a memory, in one call."""

from typing import Annotated

from msgspec import Meta, Struct

from application.tasks import bounds
from application.tasks.findings import Findings, WrittenEvent, WrittenFact, WrittenItem
from application.tasks.kind import Part, TaskKind
from domain.material import NOTHING_KNOWN, Background, PhotoNotes, Talk
from domain.memory import Category, MemoryDraft, Structure
from domain.transcript import TranscriptSegment
from ports.language_model import Budget, Task

LONGEST_TITLE = 120
"""Characters."""

CategoryName = Annotated[str, Meta(extra_json_schema={"enum": list(Category)})]
Title = Annotated[str, Meta(description="Names the main topic, at most 10 words.")]
Overview = Annotated[str, Meta(description="The key points, in up to 6 sentences.")]
Emoji = Annotated[str, Meta(description="One emoji for the topic.")]
People = Annotated[list[str], Meta(description="Names of people that were mentioned, as said.")]
Topics = Annotated[list[str], Meta(description="Up to 8, a word or two each.")]


class WrittenMemory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A talk, understood."""

    discard: Annotated[
        bool, Meta(description="True only if nothing in it is worth keeping: noise, a test, a greeting.")
    ]
    title: Title
    overview: Overview
    category: CategoryName
    emoji: Emoji
    action_items: Annotated[list[WrittenItem], Meta(description="Up to 20 commitments; none if none was made.")]
    events: Annotated[list[WrittenEvent], Meta(description="Up to 10; none if none was agreed on.")]
    facts: Annotated[list[WrittenFact], Meta(description="Up to 3 lasting facts about the user that are new.")]
    people: People
    topics: Topics


KIND = TaskKind(
    name="structure_memory",
    version=1,
    instructions="""\
You turn the transcript of a conversation, which a wearable recorder made, into a memory for the person who wears it:
the user. Words may be misheard and speakers mixed up; rely on what is clear.

- Title, overview and category tell what it was about. When in doubt, keep the conversation.
- Action items are what somebody committed to, not everything that could be done.
- Events are what was agreed to take place at a time. Reckon dates from `now` of the background.
- Facts are lasting and about the user: said by the user, or said to the user of them. None that is known already.
- Each action item, event and fact names the segments that say so. Never name one that does not.
- Photo notes, where there are some, show what was seen meanwhile: use them for title and overview.
""",
    form=WrittenMemory,
    budget=Budget(seconds=60, output_tokens=4_000),
    trusted=(Part.BACKGROUND,),
    untrusted=(Part.TALK, Part.PHOTO_NOTES),
)


def structure_memory(
    segments: tuple[TranscriptSegment, ...],
    *,
    background: Background = NOTHING_KNOWN,
    language: str = "en",
    photo_notes: tuple[str, ...] = (),
    voices: tuple[str, ...] = (),
) -> Task[MemoryDraft]:
    """The draft of a memory: whether it is worth keeping, title, overview, commitments, events, facts, people, topics.

    Args:
        segments: the whole talk.
        background: `now` is when it took place; facts are known already and not to be repeated.
        language: of title, overview and items; items are checked against the talk word by word, so they must be in
            its language.
        photo_notes: descriptions of photos taken meanwhile.
        voices: who speaks, for each segment.
    """
    seen = (PhotoNotes(descriptions=photo_notes),) if photo_notes else ()
    findings = Findings(segments, background=background)

    def conclude(written: WrittenMemory) -> MemoryDraft:
        return MemoryDraft(
            discard=written.discard and not photo_notes,
            structure=Structure(
                title=bounds.line(findings.clean(written.title), longest=LONGEST_TITLE),
                overview=bounds.paragraphs(findings.clean(written.overview)),
                emoji=bounds.emoji(written.emoji),
                category=category_of(written.category),
                action_items=findings.action_items(written.action_items),
                events=findings.events(written.events),
            ),
            facts=findings.facts(written.facts),
            people=findings.people(written.people),
            topics=findings.topics(written.topics),
        )

    talk = Talk(segments=segments, voices=voices)
    return KIND.task(MemoryDraft, materials=(talk, *seen), conclude=conclude, background=background, language=language)


def category_of(written: str) -> Category:
    """The category of that name; `other` where there is none."""
    known = {category.value: category for category in Category}
    return known.get(written.strip().lower(), Category.OTHER)
