"""The day in fifty words."""

from collections.abc import Sequence

from application.tasks import bounds
from application.tasks.kind import Part, TaskKind
from domain.grounding import without_strange_links
from domain.material import NOTHING_KNOWN, Background, Text
from domain.memory import Memory
from ports.language_model import Budget, Task

MOST_WORDS = 50

KIND = TaskKind(
    name="day_summary",
    version=1,
    instructions="""\
You are given notes of the conversations that the user had today. Tell the user in at most 50 words what mattered, and
what they promised to do and have not done. Speak to the user; no greeting, no list. Rely on the notes alone.
""",
    budget=Budget(seconds=45, output_tokens=1_000),
    trusted=(Part.BACKGROUND,),
    untrusted=(Part.TEXT,),
)


def day_summary(
    memories: Sequence[Memory], *, background: Background = NOTHING_KNOWN, language: str = "en"
) -> Task[str]:
    """At most fifty words on a day; without a model, the titles of its memories."""
    notes = "\n\n".join(map(_note, memories))

    def conclude(written: str) -> str:
        return bounds.in_words(without_strange_links(written, source=notes), most=MOST_WORDS)

    return KIND.task(
        str,
        materials=(Text(source="notes of today", text=notes),),
        conclude=conclude,
        background=background,
        language=language,
        fallback=_titles(memories),
    )


def _note(memory: Memory) -> str:
    structure = memory.structure
    open_items = [f"- to do: {item.description}" for item in structure.action_items if not item.completed]
    return "\n".join([structure.title, structure.overview, *open_items])


def _titles(memories: Sequence[Memory]) -> str:
    titles = [memory.structure.title for memory in memories if memory.structure.title]
    return bounds.in_words(f"Today you talked about: {'; '.join(titles)}.", most=MOST_WORDS) if titles else ""
