"""Text that programs bring becomes memories."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate

from msgspec import structs

from application.memories.manage_memories import MemoryMaker
from domain.audio import samples, seconds
from domain.errors import NothingToRemember
from domain.ids import MemoryId, SegmentId, UserId, derived_id, new_id
from domain.integration import ExternalText, TextSource
from domain.memory import Memory
from domain.transcript import TranscriptSegment
from ports.clock import Clock
from ports.errors import NotFound
from ports.memory_repository import MemoryQuery, MemoryRepository

USUAL_LENGTH = timedelta(minutes=5)
_VOICE = re.compile(r"\s*(?:\[[^\]]*\]\s*)?(?:(user)|speaker[ _](\d{1,4}))\s*:\s*", re.IGNORECASE)


class RememberExternal:
    """Makes memories of text, and shows a program the latest ones."""

    def __init__(self, *, make_memory: MemoryMaker, memories: MemoryRepository, clock: Clock) -> None:
        self._make_memory = make_memory
        self._memories = memories
        self._clock = clock

    async def remember(self, user: UserId, brought: ExternalText) -> Memory:
        """A memory of a text: understood, kept, and never discarded, because somebody wanted it.

        Raises:
            NothingToRemember: the text is blank.
            TemporarilyUnavailable: not kept.
        """
        if not brought.text.strip() and not any(segment.text.strip() for segment in brought.segments):
            raise NothingToRemember("text: there is nothing to remember")
        draft = self._draft(brought)
        try:
            return await self._memories.get(user, draft.id)
        except NotFound:
            memory = (await self._make_memory.make(user, draft)).memory
        if not memory.discarded:
            return memory
        return await self._memories.update(user, memory.id, lambda now: structs.replace(now, discarded=False))

    async def latest(self, user: UserId, *, limit: int) -> tuple[Memory, ...]:
        """The newest memories that were not discarded, newest first. Raises TemporarilyUnavailable."""
        return (await self._memories.page(user, MemoryQuery(limit=limit, include_discarded=False))).memories

    def _draft(self, brought: ExternalText) -> Memory:
        started_at = brought.started_at or self._clock.now()
        finished_at = max(started_at, brought.finished_at or started_at + _length(brought))
        memory_id = brought.memory_id or MemoryId(new_id())
        return Memory(
            id=memory_id,
            created_at=self._clock.now(),
            started_at=started_at,
            finished_at=finished_at,
            source=brought.source,
            language=brought.language,
            geolocation=brought.geolocation,
            external=brought.external or None,
            segments=brought.segments
            or tuple(spoken_evenly(brought, memory_id, length=samples((finished_at - started_at).total_seconds()))),
        )


def _length(brought: ExternalText) -> timedelta:
    """How long it took, where nobody said."""
    end = max((segment.end for segment in brought.segments), default=0)
    return timedelta(seconds=seconds(end)) if brought.segments else USUAL_LENGTH


def spoken_evenly(brought: ExternalText, memory: MemoryId, *, length: int) -> Iterator[TranscriptSegment]:
    """The lines of a text as if they were spoken evenly over a time: so plugins, facts and search know all of it."""
    lines = [line for line in brought.text.splitlines() if line.strip()]
    total = sum(map(len, lines))
    ends = [length * count // total for count in accumulate(map(len, lines))]
    for number, (line, start, end) in enumerate(zip(lines, [0, *ends], ends, strict=False)):
        speech = TranscriptSegment(
            id=SegmentId(derived_id(memory, str(number))), text=line.strip(), start=start, end=end
        )
        yield _spoken(speech) if brought.text_source is TextSource.AUDIO_TRANSCRIPT else speech


def _spoken(line: TranscriptSegment) -> TranscriptSegment:
    """A line without the name of its voice in front."""
    voice = _VOICE.match(line.text)
    if voice is None or voice.end() == len(line.text):
        return line
    return structs.replace(
        line, text=line.text[voice.end() :], is_user=voice[1] is not None, speaker=int(voice[2] or 0)
    )
