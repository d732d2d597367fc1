"""The voices of a memory: how each of its segments sounded, for learning from what the user says of it later."""

import msgspec
from msgspec import Struct

from domain.embedding import Embedding, weighted_mean
from domain.ids import MemoryId, SegmentId, UserId
from domain.speaker import weight_of
from domain.transcript import TranscriptSegment
from ports.errors import NotFound
from ports.object_store import ObjectStore


class HeardStretch(Struct, frozen=True, kw_only=True):
    """A stretch of speech of a segment, and how it sounds."""

    segment: SegmentId
    start: int
    """Samples, on the clock of the memory."""
    end: int
    embedding: Embedding


class MemoryVoices(Struct, frozen=True, kw_only=True):
    """All stretches of a memory."""

    encoder: str
    """Name of their vector space."""
    stretches: tuple[HeardStretch, ...] = ()

    def of(self, segment: TranscriptSegment) -> tuple[Embedding, int] | None:
        """How a segment sounds, and how many samples say so; None when it was not heard.

        Segments part and join after they were heard: what lies within one is its.
        """
        heard = [stretch for stretch in self.stretches if stretch.segment == segment.id or _within(stretch, segment)]
        if not heard:
            return None
        lengths = [stretch.end - stretch.start for stretch in heard]
        weighted = zip((stretch.embedding for stretch in heard), map(weight_of, lengths), strict=True)
        return weighted_mean(weighted), sum(lengths)


async def keep_voices(objects: ObjectStore, user: UserId, memory: MemoryId, voices: MemoryVoices) -> None:
    """Keeps the voices of a memory; replaces earlier ones. Raises TemporarilyUnavailable."""
    await objects.put(user, _key(memory), msgspec.json.encode(voices))


async def kept_voices(objects: ObjectStore, user: UserId, memory: MemoryId) -> MemoryVoices | None:
    """The voices of a memory; None when none are kept, or none that can be read. Raises TemporarilyUnavailable."""
    try:
        return msgspec.json.decode(await objects.get(user, _key(memory)), type=MemoryVoices)
    except (NotFound, msgspec.MsgspecError):
        return None


async def forget_voices(objects: ObjectStore, user: UserId, memory: MemoryId) -> None:
    """Removes the voices of a memory; nothing happens when there are none. Raises TemporarilyUnavailable."""
    await objects.delete(user, _key(memory))


def _within(stretch: HeardStretch, segment: TranscriptSegment) -> bool:
    return segment.start <= (stretch.start + stretch.end) // 2 < segment.end


def _key(memory: MemoryId) -> str:
    return f"voices/memories/{memory}.json"
