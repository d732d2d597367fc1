"""Voices that were recognized beyond doubt make their profiles better, memory by memory."""

from contextlib import suppress

from application.memories.understand_memory import Understood
from application.voices.learn_voices import LearnVoices
from application.voices.memory_voices import kept_voices
from domain.ids import PersonId, UserId
from domain.speaker import OWNER
from domain.transcript import TranscriptSegment
from ports.errors import TemporarilyUnavailable
from ports.object_store import ObjectStore

MOST = 3
"""Stretches of one memory that each person is learned from: many of one day would all sound alike."""


class ConfirmVoices:
    """Goes through the voices of a memory that was made. What it cannot do now is not worth a second attempt."""

    def __init__(self, *, objects: ObjectStore, learn: LearnVoices) -> None:
        self._objects = objects
        self._learn = learn

    async def follow(self, user: UserId, understood: Understood) -> None:
        """Learns from a memory; harmless when repeated."""
        memory = understood.memory
        named = {segment.id: segment for segment in memory.segments if _person(segment) is not None}
        if memory.discarded or not named:
            return
        with suppress(TemporarilyUnavailable):
            voices = await kept_voices(self._objects, user, memory.id)
            learned: dict[PersonId, int] = {}
            for stretch in sorted(voices.stretches if voices else (), key=lambda s: s.start - s.end):
                segment = named.get(stretch.segment)
                person = _person(segment) if segment is not None else None
                if person is None or learned.get(person, 0) >= MOST:
                    continue
                learned[person] = learned.get(person, 0) + await self._learn.confirm(
                    user,
                    person,
                    memory=memory.id,
                    segment=stretch.segment,
                    embedding=stretch.embedding,
                    samples=stretch.end - stretch.start,
                )


def _person(segment: TranscriptSegment) -> PersonId | None:
    return OWNER if segment.is_user else segment.person_id
