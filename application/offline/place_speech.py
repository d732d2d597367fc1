"""Speech that comes late is put into the memory that it continues, or becomes one of its own."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct, structs

from application.jobs.run_jobs import JobRun
from application.memories.manage_memories import MemoryMaker
from application.memories.pages import every_memory
from application.offline.going_on import Stretch
from application.recordings.better_transcript import Understands
from application.recordings.keep_recordings import KeepRecordings
from application.recordings.recorded_sound import RecordedSound, sound_parts
from domain.audio import SAMPLE_RATE, AudioFrame, samples
from domain.conversation import ConversationRules
from domain.ids import JobId, MemoryId, UserId, derived_id
from domain.late_speech import Segments, coverage_of, distance, joined, nearest, position, span_of
from domain.memory import Memory, MemoryStatus, Source
from domain.spans import Span
from domain.transcript import moved
from ports.clock import Clock
from ports.errors import NotFound, TemporarilyUnavailable
from ports.key_value_store import KeyValueStore
from ports.memory_repository import MemoryRepository

LOCKED = timedelta(minutes=1)
"""So long at most one upload of a user keeps others waiting: a crash may leave it so."""
EARLIER = timedelta(hours=1)
"""A memory is made after its conversation; clocks may differ by so much."""


class LateSpeech(Struct, frozen=True, kw_only=True):
    """A conversation, or a part of one, on the clock of its upload."""

    number: int
    """In the upload."""
    zero: datetime
    """The moment that the clock starts at."""
    segments: Segments
    heard: tuple[Span, ...]
    """The audio that it was heard in."""
    recognizer: str
    language: str
    source: Source = Source.FRIEND

    @property
    def whole(self) -> Span:
        """From the first word to the last."""
        return span_of(self.segments)


class Kept(Struct, frozen=True, kw_only=True):
    """Where it is now."""

    memory: MemoryId
    is_new: bool


class Conversing(Protocol):
    """Knows conversations that have no memory yet; `GoingOn` does."""

    async def of(self, user: UserId) -> tuple[Stretch, ...]:
        """When they took place so far. Raises TemporarilyUnavailable."""
        ...


class PlaceSpeech:
    """Keeps late speech. Of two uploads of a user, one at a time looks where its own belongs."""

    def __init__(
        self,
        *,
        memories: MemoryRepository,
        make_memory: MemoryMaker,
        understand: Understands,
        recordings: KeepRecordings,
        going_on: Conversing,
        values: KeyValueStore,
        clock: Clock,
        rules: ConversationRules,
    ) -> None:
        self.silence = samples(rules.silence_seconds)
        """Samples after which another conversation begins."""
        self._memories = memories
        self._make_memory = make_memory
        self._understand = understand
        self._recordings = recordings
        self._going_on = going_on
        self._values = values
        self._clock = clock

    async def place(self, run: JobRun, speech: LateSpeech, sound: RecordedSound) -> Kept:
        """Puts speech where it belongs, and has the memory understood.

        Raises:
            TemporarilyUnavailable: something failed, or the conversation that it continues still goes on.
        """
        user, own = run.job.user, own_memory(run.job.id, speech.number)

        async def keep() -> Kept:
            await self.require_ended(user, speech.whole, zero=speech.zero)
            return await self._keep_alone(user, run.job.id, own=own, speech=speech)

        return await self._follow(run, await run.step(f"kept:{speech.number}", keep, returns=Kept), speech, sound)

    async def place_alone(self, run: JobRun, speech: LateSpeech, sound: RecordedSound) -> Kept:
        """Makes a memory of speech, whatever else was said around that time. Raises TemporarilyUnavailable."""
        own = own_memory(run.job.id, speech.number)

        async def keep() -> Kept:
            await self._memories.save(run.job.user, self._draft(own, speech))
            return Kept(memory=own, is_new=True)

        return await self._follow(run, await run.step(f"kept:{speech.number}", keep, returns=Kept), speech, sound)

    async def _follow(self, run: JobRun, kept: Kept, speech: LateSpeech, sound: RecordedSound) -> Kept:
        async def understand() -> None:
            await self._understood(run.job.user, kept, speech, sound)

        await run.step(f"understood:{speech.number}", understand, returns=type(None))
        return kept

    async def require_ended(self, user: UserId, whole: Span, *, zero: datetime) -> None:
        """Raises TemporarilyUnavailable while a conversation around some time has no memory yet."""
        for begin, end in await self._going_on.of(user):
            span = position(begin, zero=zero), position(end, zero=zero)
            if distance(span, whole) < self.silence:
                raise TemporarilyUnavailable("a conversation that it may belong to has no memory yet")

    async def _keep_alone(self, user: UserId, job: JobId, *, own: MemoryId, speech: LateSpeech) -> Kept:
        lock = f"syncing:{user}"
        if not await self._values.put_if_absent(lock, job.encode(), lifetime=LOCKED):
            raise TemporarilyUnavailable("another upload of this user is being put in its place")
        try:
            return await self._keep(user, own, speech)
        finally:
            await self._values.delete(lock)

    async def _keep(self, user: UserId, own: MemoryId, speech: LateSpeech) -> Kept:
        since = speech.zero + timedelta(seconds=(speech.whole[0] - self.silence) / SAMPLE_RATE)
        around = [memory async for memory in memories_since(self._memories, user, since)]
        memory = nearest(around, speech.whole, zero=speech.zero, silence=self.silence)
        if memory is None:
            await self._memories.save(user, self._draft(own, speech))
            return Kept(memory=own, is_new=True)
        try:
            await self._memories.update(
                user,
                memory.id,
                lambda now: joined(
                    now, speech.segments, heard=speech.heard, zero=speech.zero, recognizer=speech.recognizer
                ),
            )
        except NotFound as error:
            raise TemporarilyUnavailable("the memory that it belongs to was deleted meanwhile") from error
        return Kept(memory=memory.id, is_new=memory.id == own)

    def _draft(self, own: MemoryId, speech: LateSpeech) -> Memory:
        begin, end = speech.whole
        return Memory(
            id=own,
            created_at=self._clock.now(),
            started_at=speech.zero + timedelta(seconds=begin / SAMPLE_RATE),
            finished_at=speech.zero + timedelta(seconds=end / SAMPLE_RATE),
            language=speech.language,
            source=speech.source,
            segments=moved(speech.segments, by=-begin),
            coverage=coverage_of(speech.heard, whole=speech.whole, recognizer=speech.recognizer),
            status=MemoryStatus.PROCESSING,
        )

    async def _understood(self, user: UserId, kept: Kept, speech: LateSpeech, sound: RecordedSound) -> None:
        """A memory that the user deleted meanwhile stays deleted."""
        try:
            memory = await self._memories.get(user, kept.memory)
            if not kept.is_new:
                await self._understand.reprocess(user, kept.memory)
                return
        except NotFound:
            return
        begin = speech.whole[0]
        has_recording = await self._recordings.keep(user, kept.memory, _own_sound(sound, speech.whole, begin=begin))
        await self._make_memory.make(user, structs.replace(memory, has_recording=has_recording))


def own_memory(job: JobId, number: int) -> MemoryId:
    """The memory that a conversation of an upload becomes, where it is one of its own."""
    return MemoryId(derived_id(job, str(number)))


async def memories_since(memories: MemoryRepository, user: UserId, moment: datetime) -> AsyncIterator[Memory]:
    """Memories of conversations that may have gone on at a moment or later. Raises TemporarilyUnavailable."""
    async for memory in every_memory(memories, user):
        if memory.created_at < moment - EARLIER:
            return
        yield memory


async def _own_sound(sound: RecordedSound, whole: Span, *, begin: int) -> AsyncIterator[AudioFrame]:
    """The audio of a conversation, on the clock of its memory."""
    async for part in sound_parts(sound):
        piece = part.between(*whole)
        if piece is not None:
            yield AudioFrame(piece.start - begin, piece.pcm)
