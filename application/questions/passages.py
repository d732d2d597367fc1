"""A memory in the pieces that search looks for."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.audio import seconds
from domain.memory import Memory
from domain.transcript import TranscriptSegment
from ports.text_index import Passage

WHOLE = 0
"""Number of the passage that stands for the memory as a whole; segments count from 1, photos go on behind them."""
USER = "user"
"""Speaker of what the owner of the device said."""
_WINDOW_WORDS = 60
"""A turn shorter than this is understood together with what was said around it."""


def passages_of(memory: Memory) -> tuple[Passage, ...]:
    """What can be found of a memory: title and overview, each segment, each photo. What is blank is left out."""
    whole = Passage(memory.id, WHOLE, overview_of(memory), _began(memory))
    turns = [_turn(memory, number, segment) for number, segment in enumerate(memory.segments, WHOLE + 1)]
    photos = [
        Passage(memory.id, number, photo.description, _began(memory), USER)
        for number, photo in enumerate(memory.photos, WHOLE + 1 + len(memory.segments))
    ]
    return tuple(passage for passage in (whole, *turns, *photos) if passage.text.strip())


def overview_of(memory: Memory) -> str:
    """Title and overview as one text."""
    return "\n".join(part for part in (memory.structure.title, memory.structure.overview) if part)


def text_of(memory: Memory, number: int) -> str | None:
    """The text of a passage as it is now; None where the memory has no such passage any more."""
    if number == WHOLE:
        return overview_of(memory)
    if number <= len(memory.segments):
        return memory.segments[number - 1].text
    photo = number - len(memory.segments) - 1
    return memory.photos[photo].description if photo < len(memory.photos) else None


def said_at(memory: Memory, position: int) -> datetime:
    """When something was said, from its place in samples."""
    return _began(memory) + timedelta(seconds=seconds(position))


def speaker_of(segment: TranscriptSegment) -> str:
    """Who a segment is of: `USER`, a person's id, or nothing where nobody knows."""
    return USER if segment.is_user else segment.person_id or ""


def meanings_of(memory: Memory) -> tuple[Passage, ...]:
    """As `passages_of`, with the text that tells the meaning: "yes, on Friday" says little without the question."""
    return tuple(
        Passage(passage.memory_id, passage.number, _in_context(memory.segments, passage))
        for passage in passages_of(memory)
    )


def _turn(memory: Memory, number: int, segment: TranscriptSegment) -> Passage:
    return Passage(memory.id, number, segment.text, said_at(memory, segment.start), speaker_of(segment))


def _began(memory: Memory) -> datetime:
    return memory.started_at or memory.created_at


def _in_context(segments: Sequence[TranscriptSegment], passage: Passage) -> str:
    """The passage between the end of the turn before and the start of the turn behind it."""
    share = (_WINDOW_WORDS - len(passage.text.split())) // 2
    if passage.number == WHOLE or passage.number > len(segments) or share <= 0:
        return passage.text
    place = passage.number - 1
    before = segments[place - 1].text.split()[-share:] if place else []
    after = segments[place + 1].text.split()[:share] if place + 1 < len(segments) else []
    return " ".join([*before, passage.text, *after])
