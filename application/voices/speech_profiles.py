"""How the people around a user sound: loaded when asked for, kept at hand, and changed by one at a time."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio
import msgspec
from msgspec import Struct, structs

from application.users.one_at_a_time import OneAtATime
from application.voices import voice_documents
from application.voices.load_voices import LoadVoices
from application.voices.voice_documents import Documents, VoiceDocument
from domain.embedding import Embedding
from domain.ids import PersonId, UserId, new_id
from domain.speaker import OWNER, SpeechProfile, VoiceCalibration, centers_of
from ports.clock import Clock
from ports.key_value_store import KeyValueStore
from ports.object_store import ObjectStore
from ports.people import People
from ports.speaker_encoder import SpeakerEncoder

LIFETIME = timedelta(days=7)
"""Of computed profiles that nobody changes."""
FRESH = 5.0
"""Seconds for which nobody is asked whether another process changed a profile."""
USERS_REMEMBERED = 1_000
CLEAN_UP = 5.0


class _Computed(Struct, frozen=True, kw_only=True):
    """Profiles as they are kept in the store that all processes share."""

    generation: str
    profiles: tuple[SpeechProfile, ...]


class _Remembered(Struct, kw_only=True):
    computed: _Computed
    known: Mapping[PersonId, Embedding]
    fresh_until: float


class SpeechProfiles:
    """The profiles of the owner and of all people of a user, in the vector space of the encoder that is chosen now."""

    def __init__(
        self,
        *,
        objects: ObjectStore,
        people: People,
        values: KeyValueStore,
        encoder: SpeakerEncoder,
        load: LoadVoices,
        clock: Clock,
    ) -> None:
        self._objects = objects
        self._people = people
        self._values = values
        self._encoder = encoder
        self._load = load
        self._clock = clock
        self._turns = OneAtATime("voices", values=values, clock=clock)
        self._remembered: OrderedDict[UserId, _Remembered] = OrderedDict()

    @property
    def calibration(self) -> VoiceCalibration:
        """Where the encoder's cosines part one voice from two."""
        return VoiceCalibration(threshold=self._encoder.threshold, margin=self._encoder.margin)

    async def known(self, user: UserId) -> Mapping[PersonId, Embedding]:
        """The middles of all voices that a user knows. Cheap: asked at the start of every conversation.

        Raises:
            TemporarilyUnavailable: they could not be loaded.
        """
        return (await self._current(user)).known

    async def profiles(self, user: UserId) -> tuple[SpeechProfile, ...]:
        """Everybody whose voice is known, the owner first.

        Raises:
            TemporarilyUnavailable: they could not be loaded.
        """
        return (await self._current(user)).computed.profiles

    async def of(self, user: UserId, person: PersonId) -> SpeechProfile:
        """How somebody sounds; a profile without exemplars when that is not known."""
        profiles = await self.profiles(user)
        unknown = SpeechProfile(person=person, name="", encoder=self._encoder.name)
        return next((profile for profile in profiles if profile.person == person), unknown)

    async def documents(self, user: UserId) -> Documents:
        """All that is kept, of the owner and of all people."""
        people = (OWNER, *(person.id for person in await self._people.list(user)))
        return {person: await voice_documents.read(self._objects, user, person) for person in people}

    async def change(
        self, user: UserId, edit: Callable[[Documents], Documents], *, brought: Iterable[str] = ()
    ) -> None:
        """Changes what is kept; nobody else changes it meanwhile. Recordings that nobody needs any more are removed.

        Args:
            user: whose.
            edit: given all documents, returns those that are to be.
            brought: keys of recordings that were stored for this change.

        Raises:
            TemporarilyUnavailable: not changed, or in part: changing again does the rest.
        """
        async with self._alone(user):
            before = await self.documents(user)
            after = edit(before)
            await self._write(user, before, after)
            await self._delete(user, set(brought) - {""} - _recordings(after))

    async def forget(self, user: UserId, person: PersonId) -> None:
        """Removes all that is known of a voice, with every recording of it."""
        async with self._alone(user):
            await voice_documents.write(self._objects, user, person, VoiceDocument())
            for key in await self._objects.list(user, voice_documents.samples_of(person)):
                await self._objects.delete(user, key)
            if person == OWNER:
                await self._objects.delete(user, voice_documents.ENROLLED)

    async def _write(self, user: UserId, before: Documents, after: Documents) -> None:
        for person in before.keys() | after.keys():
            document = after.get(person, VoiceDocument())
            if document != before.get(person, VoiceDocument()):
                await voice_documents.write(self._objects, user, person, document)
        await self._delete(user, _recordings(before) - _recordings(after))

    async def _delete(self, user: UserId, recordings: set[str]) -> None:
        for key in recordings:
            await self._objects.delete(user, key)

    async def _current(self, user: UserId) -> _Remembered:
        mine = self._remembered.get(user)
        if mine is not None and self._clock.monotonic() < mine.fresh_until:
            return mine
        generation = await self._generation(user)
        if mine is None or mine.computed.generation != generation:
            mine = self._remember(user, await self._shared(user, generation))
        mine.fresh_until = self._clock.monotonic() + FRESH
        return mine

    async def forget_user(self, user: UserId) -> None:
        """Nothing that was computed of a user's voices stays. What it was computed of is others' to remove before."""
        self._remembered.pop(user, None)
        await self._values.delete(self._shared_key(user))
        await self._values.delete(f"users:{user}:voices")

    def _remember(self, user: UserId, computed: _Computed) -> _Remembered:
        known = centers_of(computed.profiles, encoder=self._encoder.name)
        self._remembered[user] = _Remembered(computed=computed, known=known, fresh_until=0.0)
        self._remembered.move_to_end(user)
        while len(self._remembered) > USERS_REMEMBERED:
            self._remembered.popitem(last=False)
        return self._remembered[user]

    async def _shared(self, user: UserId, generation: str) -> _Computed:
        """What some process computed since the last change, or else computed now."""
        content = await self._values.get(self._shared_key(user))
        if content is not None:
            found = _decoded(content)
            if found is not None and found.generation == generation:
                return found
        computed = await self._loaded(user, generation)
        await self._values.put(self._shared_key(user), msgspec.json.encode(computed), lifetime=LIFETIME)
        return computed

    async def _loaded(self, user: UserId, generation: str) -> _Computed:
        documents = await self.documents(user)
        if await self._load.unread(user, documents):
            await self._adopt(user)
            return await self._loaded(user, await self._generation(user))
        profiles = await self._load.profiles(user, documents)
        names = {OWNER: "User"} | {person.id: person.name for person in await self._people.list(user)}
        named = (structs.replace(profile, name=names.get(profile.person, "")) for profile in profiles)
        return _Computed(generation=generation, profiles=tuple(named))

    async def _adopt(self, user: UserId) -> None:
        """Takes over what the original backend left."""
        async with self._alone(user):
            documents = await self.documents(user)
            await self._write(user, documents, await self._load.adopted(user, documents))

    def _shared_key(self, user: UserId) -> str:
        return f"users:{user}:voices:{self._encoder.name}"

    async def _generation(self, user: UserId) -> str:
        return (await self._values.get(f"users:{user}:voices") or b"").decode()

    @asynccontextmanager
    async def _alone(self, user: UserId) -> AsyncIterator[None]:
        """While nobody else, in whatever process, changes profiles of the user. Afterwards what was computed is old."""
        async with self._turns.turn(user):
            try:
                yield
            finally:
                self._remembered.pop(user, None)
                with anyio.move_on_after(CLEAN_UP, shield=True):
                    await self._values.put(f"users:{user}:voices", new_id().encode())
                    await self._values.delete(self._shared_key(user))  # what was forgotten stays nowhere


def _recordings(documents: Documents) -> set[str]:
    return {e.audio for document in documents.values() for e in document.exemplars if e.audio}


def _decoded(content: bytes) -> _Computed | None:
    """None for what an older version of the program left."""
    try:
        return msgspec.json.decode(content, type=_Computed)
    except msgspec.MsgspecError:
        return None
