"""The people around a user."""

import unicodedata
from collections.abc import Iterable

from msgspec import structs

from application.voices.relabel_segments import PersonGone, RelabelSegments
from application.voices.speech_profiles import SpeechProfiles
from domain.errors import InvalidRequest
from domain.ids import PersonId, UserId, new_id
from domain.person import Person
from domain.voice_errors import PersonNotFound
from ports.clock import Clock
from ports.errors import NotFound
from ports.people import People

SHORTEST_NAME, LONGEST_NAME = 2, 40
"""Characters, composed where they compose."""
_JOINERS = {"\u200c", "\u200d"}
"""Invisible, and part of names and emoji all the same."""
_NEVER = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Categories of characters that make a name look like another, or not look at all."""


class ManagePeople:
    """Adds, lists, renames and removes people."""

    def __init__(self, *, people: People, profiles: SpeechProfiles, relabel: RelabelSegments, clock: Clock) -> None:
        self._people = people
        self._profiles = profiles
        self._relabel = relabel
        self._clock = clock

    async def create(self, user: UserId, name: str) -> Person:
        """Adds somebody. Two people may have one name.

        Raises:
            InvalidRequest: it is no name.
        """
        now = self._clock.now()
        person = Person(id=PersonId(new_id()), name=checked_name(name), created_at=now, updated_at=now)
        await self._people.save(user, person)
        return person

    async def get(self, user: UserId, person: PersonId) -> Person:
        """Somebody, with the keys of the recordings of their voice.

        Raises:
            PersonNotFound: the user knows nobody like that.
        """
        documents = await self._profiles.documents(user)
        found = await self._get(user, person)
        document = documents.get(person)
        return with_samples(found, (e.audio for e in document.exemplars) if document else ())

    async def list(self, user: UserId) -> tuple[Person, ...]:
        """All people by name, with the keys of the recordings of their voices."""
        documents = await self._profiles.documents(user)
        people = await self._people.list(user)
        return tuple(
            with_samples(person, (e.audio for e in documents[person.id].exemplars) if person.id in documents else ())
            for person in people
        )

    async def rename(self, user: UserId, person: PersonId, name: str) -> Person:
        """Gives somebody another name.

        Raises:
            PersonNotFound: the user knows nobody like that.
            InvalidRequest: it is no name.
        """
        renamed = structs.replace(
            await self._get(user, person), name=checked_name(name), updated_at=self._clock.now(), speech_samples=()
        )
        await self._people.save(user, renamed)
        await self._profiles.change(user, lambda documents: documents)  # profiles bear names
        return renamed

    async def delete(self, user: UserId, person: PersonId) -> None:
        """Removes somebody, every recording of their voice, and then their name from every memory.

        Raises:
            PersonNotFound: the user knows nobody like that.
        """
        await self._get(user, person)
        await self._relabel.later(user, PersonGone(person=person))  # first: it does all of this, whatever crashes
        await self._profiles.forget(user, person)
        await self._people.delete(user, person)

    async def _get(self, user: UserId, person: PersonId) -> Person:
        try:
            return await self._people.get(user, person)
        except NotFound as error:
            raise PersonNotFound("Person not found") from error


def with_samples(person: Person, keys: Iterable[str]) -> Person:
    """The person, with the recordings that there are."""
    return structs.replace(person, speech_samples=tuple(dict.fromkeys(key for key in keys if key)))


def checked_name(name: str) -> str:
    """A name as it is kept: composed, without spaces that nobody sees.

    Raises:
        InvalidRequest: it is too short or too long, or holds characters that no name has.
    """
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if not SHORTEST_NAME <= len(tidy) <= LONGEST_NAME:
        raise InvalidRequest(f"name: expected {SHORTEST_NAME} to {LONGEST_NAME} characters")
    if any(unicodedata.category(character) in _NEVER and character not in _JOINERS for character in tidy):
        raise InvalidRequest("name: expected letters and other characters that can be seen")
    if all(character in _JOINERS for character in tidy):
        raise InvalidRequest("name: expected letters and other characters that can be seen")
    return tidy
