"""Who said something, corrected in memories: in one, or in all by durable work."""

from collections.abc import Callable

import msgspec
from msgspec import Struct, structs

from application.jobs.run_jobs import JobRun
from application.memories.pages import every_memory
from application.voices.speech_profiles import SpeechProfiles
from domain.ids import JobId, PersonId, SegmentId, UserId, new_id
from domain.memory import Memory
from domain.speaker import OWNER
from domain.transcript import TranscriptSegment
from ports.errors import NotFound
from ports.job_queue import Job, JobQueue
from ports.memory_repository import MemoryRepository
from ports.people import People

RELABEL_PERSON = "relabel_person"
"""Kind of the job."""


class PersonGone(Struct, frozen=True, kw_only=True):
    """Somebody was removed, or turned out to be somebody else. What the job is told."""

    person: PersonId
    became: PersonId | None = None
    """None: nobody."""


class RelabelSegments:
    """Takes people who are gone out of all memories of a user."""

    def __init__(self, *, memories: MemoryRepository, people: People, profiles: SpeechProfiles, jobs: JobQueue) -> None:
        self._memories = memories
        self._people = people
        self._profiles = profiles
        self._jobs = jobs

    async def later(self, user: UserId, gone: PersonGone) -> None:
        """Sees to it that it gets done, whatever crashes. Raises TemporarilyUnavailable."""
        name = JobId(f"{RELABEL_PERSON}:{gone.person}:{new_id()}")
        await self._jobs.enqueue(Job(id=name, kind=RELABEL_PERSON, user=user, payload=msgspec.json.encode(gone)))

    async def relabel(self, run: JobRun) -> None:
        """Does the job. Doing it again does nothing more."""
        gone = msgspec.json.decode(run.job.payload, type=PersonGone)
        await self._profiles.forget(run.job.user, gone.person)
        await self._people.delete(run.job.user, gone.person)
        async for memory in every_memory(self._memories, run.job.user):
            if any(segment.person_id == gone.person for segment in memory.segments):
                await self._relabel_one(run.job.user, memory, gone)

    async def _relabel_one(self, user: UserId, memory: Memory, gone: PersonGone) -> None:
        try:
            await self._memories.update(
                user, memory.id, relabeled(lambda segment: segment.person_id == gone.person, gone.became)
            )
        except NotFound:  # deleted meanwhile
            return


def relabeled(picks: Callable[[TranscriptSegment], bool], person: PersonId | None) -> Callable[[Memory], Memory]:
    """A change of a memory: the segments that are picked were spoken by somebody, or by nobody that is known."""

    def change(memory: Memory) -> Memory:
        segments = tuple(spoken_by(segment, person) if picks(segment) else segment for segment in memory.segments)
        return structs.replace(memory, segments=segments)

    return change


def spoken_by(segment: TranscriptSegment, person: PersonId | None) -> TranscriptSegment:
    """The segment, spoken by somebody."""
    is_user = person == OWNER
    return structs.replace(segment, is_user=is_user, person_id=None if is_user else person)


def among(segments: frozenset[SegmentId]) -> Callable[[TranscriptSegment], bool]:
    """Picks segments by name."""
    return lambda segment: segment.id in segments
