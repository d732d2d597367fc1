"""Two people turn out to be one, or one to be two."""

from collections.abc import Collection

from msgspec import structs

from application.voices import voice_documents
from application.voices.edit_voices import added, in_order, removed
from application.voices.manage_people import ManagePeople
from application.voices.relabel_segments import PersonGone, RelabelSegments, relabeled
from application.voices.speech_profiles import SpeechProfiles
from application.voices.voice_documents import ENROLLMENT, StoredExemplar, VoiceDocument
from domain.errors import InvalidRequest
from domain.ids import MemoryId, PersonId, UserId
from domain.memory import Memory
from domain.person import Person
from domain.speaker import OWNER
from domain.voice_errors import SampleNotFound
from ports.errors import NotFound
from ports.memory_repository import MemoryRepository
from ports.object_store import ObjectStore


class JoinPeople:
    """Merges people and parts them, with what is known of their voices and what they said."""

    def __init__(
        self,
        *,
        people: ManagePeople,
        profiles: SpeechProfiles,
        relabel: RelabelSegments,
        memories: MemoryRepository,
        objects: ObjectStore,
    ) -> None:
        self._people = people
        self._profiles = profiles
        self._relabel = relabel
        self._memories = memories
        self._objects = objects

    async def merge(self, user: UserId, *, into: PersonId, gone: PersonId) -> None:
        """Somebody is somebody else. What they said in memories is corrected by durable work.

        Args:
            user: whose people.
            into: who stays: `OWNER`, or somebody else.
            gone: who was the same all along.

        Raises:
            PersonNotFound: one of them is not there.
            InvalidRequest: they are the same, or it is the owner who would go.
        """
        if gone in {into, OWNER}:
            raise InvalidRequest("a person can be merged into another one, and the owner into nobody")
        await self._people.get(user, gone)
        if into != OWNER:
            await self._people.get(user, into)
        document = (await self._profiles.documents(user)).get(gone, VoiceDocument())
        await self._move(user, document.exemplars, person=into)
        await self._relabel.later(user, PersonGone(person=gone, became=into))
        await self._profiles.forget(user, gone)
        await self._people.delete(user, gone)

    async def split(self, user: UserId, person: PersonId, *, sources: Collection[str], name: str) -> Person:
        """Part of what was learned of somebody is somebody else's, and so is what they said there.

        Args:
            user: whose people.
            person: who is two: `OWNER`, or somebody else.
            sources: where the other voice was learned, as the exemplars of the profile say.
            name: of the other one.

        Raises:
            PersonNotFound: the person is not there.
            SampleNotFound: nothing was learned there.
            InvalidRequest: it is no name.
        """
        if person != OWNER:
            await self._people.get(user, person)
        document = (await self._profiles.documents(user)).get(person, VoiceDocument())
        theirs = [one for one in document.exemplars if one.source in sources and one.source != ENROLLMENT]
        if not theirs:
            raise SampleNotFound("Nothing was learned there")
        other = await self._people.create(user, name)
        await self._move(user, theirs, person=other.id)
        for source in {one.source for one in theirs}:
            await self._relabel_source(user, source, other.id)
        return await self._people.get(user, other.id)

    async def _move(self, user: UserId, exemplars: Collection[StoredExemplar], *, person: PersonId) -> None:
        """Exemplars, and their recordings, become somebody else's."""
        moved = [await self._copied(user, one, person) for one in exemplars]
        edit = in_order(removed(lambda one: one in exemplars), added(person, moved))
        await self._profiles.change(user, edit, brought=[one.audio for one in moved])

    async def _copied(self, user: UserId, one: StoredExemplar, person: PersonId) -> StoredExemplar:
        if not one.audio:
            return one
        key = voice_documents.samples_of(person) + one.audio.rpartition("/")[2]
        try:
            await self._objects.put(user, key, await self._objects.get(user, one.audio))
        except NotFound:
            return structs.replace(one, audio="")
        return structs.replace(one, audio=key)

    async def _relabel_source(self, user: UserId, source: str, person: PersonId) -> None:
        memory, _, segment = source.rpartition(":")
        try:
            await self._memories.update(user, MemoryId(memory), lambda now: _corrected(now, segment, person))
        except NotFound:
            return


def _corrected(memory: Memory, segment: str, person: PersonId) -> Memory:
    """The original knew segments by their places, we know them by their names."""
    at = int(segment) if segment.isascii() and segment.isdigit() and len(segment) < 10 else -1
    names = {one.id for number, one in enumerate(memory.segments) if one.id == segment or number == at}
    return relabeled(lambda one: one.id in names, person)(memory)
