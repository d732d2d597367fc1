"""A question that takes a conversation up again."""

from application.tasks import bounds
from application.tasks.kind import Part, TaskKind
from domain.grounding import without_strange_links
from domain.material import NOTHING_KNOWN, Background, Material, Talk, Text
from domain.memory import Memory
from domain.transcript import TranscriptSegment
from ports.language_model import Budget, Task

NOTES = "notes of the conversation"
MOST_WORDS = 30
MOST_READ = 6_000
"""Characters of what was said last; a question goes on from there."""
LONGEST_NAMED = 120
"""Characters of something that a question without a model names."""
PLAIN = "What was the most important part of it?"

KIND = TaskKind(
    name="followup_question",
    version=1,
    instructions="""\
You are given a conversation of the user, or what was said of it so far, with notes where there are any. Write one
question, at most 20 words, with which the user can take it up or carry it on: concrete, curious, about what is still
open. Do not ask what was answered. Write the question alone.
""",
    budget=Budget(seconds=20, output_tokens=800),
    trusted=(Part.BACKGROUND,),
    untrusted=(Part.TEXT, Part.TALK),
)


def followup_question(memory: Memory, *, background: Background = NOTHING_KNOWN, language: str = "en") -> Task[str]:
    """One question on a memory, or on a conversation that goes on; without a model, on what its notes name first."""
    notes, latest = _notes(memory), _latest(memory.segments)
    materials: list[Material] = [Text(source=NOTES, text=notes)] if notes else []
    source, fallback = "\n".join([notes, *(segment.text for segment in latest)]), _plain(memory)

    def conclude(written: str) -> str:
        question = bounds.line(without_strange_links(written, source=source)).strip("\"'“”„ ")
        return bounds.in_words(question, most=MOST_WORDS) or fallback

    return KIND.task(
        str,
        materials=(*materials, Talk(segments=latest)),
        conclude=conclude,
        background=background,
        language=language,
        fallback=fallback,
    )


def _notes(memory: Memory) -> str:
    structure = memory.structure
    lines = [structure.title, structure.overview, *(f"- to do: {item}" for item in _open_items(memory))]
    return "\n".join(line for line in (*lines, *(f"- topic: {topic}" for topic in memory.topics)) if line.strip())


def _open_items(memory: Memory) -> list[str]:
    items = (item for item in memory.structure.action_items if not item.completed and not item.deleted)
    return [item.description for item in items if item.description.strip()]


def _latest(segments: tuple[TranscriptSegment, ...]) -> tuple[TranscriptSegment, ...]:
    """The last segments that can be read."""
    room, first = MOST_READ, len(segments)
    while first and (room := room - len(segments[first - 1].text)) >= 0:
        first -= 1
    return segments[first:]


def _plain(memory: Memory) -> str:
    topics = [topic for topic in memory.topics if topic.strip()]
    for names, question in (
        (_open_items(memory), "What is the next step with this: “{}”?"),
        (topics, "What is still open about {}?"),
        ([memory.structure.title], "What came of “{}”?"),
    ):
        named = bounds.line(names[0], longest=LONGEST_NAMED).rstrip(".!?") if names else ""
        if named:
            return question.format(named)
    return PLAIN
