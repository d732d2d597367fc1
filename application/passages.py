"""A memory in the pieces that search looks for."""

from collections.abc import Sequence

from domain.memory import Memory
from domain.transcript import TranscriptSegment
from ports.text_index import Passage

WHOLE = 0
"""Number of the passage that stands for the memory as a whole; segments count from 1."""
_WINDOW_WORDS = 60
"""A turn shorter than this is understood together with what was said around it."""


def passages_of(memory: Memory) -> tuple[Passage, ...]:
    """What can be found of a memory: title and overview, then each segment. What is blank is left out."""
    texts = [overview_of(memory), *(segment.text for segment in memory.segments)]
    return tuple(Passage(memory.id, number, text) for number, text in enumerate(texts) if text.strip())


def overview_of(memory: Memory) -> str:
    """Title and overview as one text."""
    return "\n".join(part for part in (memory.structure.title, memory.structure.overview) if part)


def meanings_of(memory: Memory) -> tuple[Passage, ...]:
    """As `passages_of`, with the text that tells the meaning: "yes, on Friday" says little without the question."""
    return tuple(
        Passage(passage.memory_id, passage.number, _in_context(memory.segments, passage))
        for passage in passages_of(memory)
    )


def _in_context(segments: Sequence[TranscriptSegment], passage: Passage) -> str:
    """The passage between the end of the turn before and the start of the turn behind it."""
    share = (_WINDOW_WORDS - len(passage.text.split())) // 2
    if passage.number == WHOLE or share <= 0:
        return passage.text
    place = passage.number - 1
    before = segments[place - 1].text.split()[-share:] if place else []
    after = segments[place + 1].text.split()[:share] if place + 1 < len(segments) else []
    return " ".join([*before, passage.text, *after])
