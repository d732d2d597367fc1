"""People in Google's Firestore, in the collection that earlier backends used."""

from types import TracebackType
from typing import Any, Self

from adapters.outbound.firestore_connection import FirestoreConnection
from adapters.outbound.firestore_documents import Collection, FirestoreDocuments
from adapters.outbound.firestore_settings import FirestoreSettings
from adapters.outbound.firestore_values import START_OF_TIME, Document, moment, text, texts
from domain.ids import PersonId, UserId
from domain.person import Person
from ports.diagnosis import Diagnosis


def person_fields(person: Person, _user: UserId) -> dict[str, Any]:
    """The fields of a document for a person."""
    return {
        "id": person.id,
        "name": person.name,
        "created_at": person.created_at,
        "updated_at": person.updated_at,
        "speech_samples": list(person.speech_samples),
        "deleted": False,
    }


def person_of(document: Document, identifier: str, _user: UserId) -> Person:
    """The person of a document, whatever program wrote it."""
    created = moment(document.get("created_at")) or START_OF_TIME
    return Person(
        id=PersonId(identifier),
        name=text(document.get("name")),
        created_at=created,
        updated_at=moment(document.get("updated_at")) or created,
        speech_samples=texts(document.get("speech_samples")),
    )


PEOPLE = Collection(
    noun="person",
    name="people",
    identifier=lambda person: person.id,
    fields=person_fields,
    value=person_of,
    mark="name",
)


class FirestorePeople:
    """People below `users/{user}/people`."""

    def __init__(self, settings: FirestoreSettings) -> None:
        self._connection = FirestoreConnection(settings)
        self._documents = FirestoreDocuments(PEOPLE, connection=self._connection)

    async def __aenter__(self) -> Self:
        await self._connection.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.__aexit__(kind, error, trace)

    async def save(self, user: UserId, person: Person) -> None:
        """Stores a person; replaces the one with the same id. Raises TemporarilyUnavailable, Rejected."""
        await self._documents.save(user, person)

    async def get(self, user: UserId, person_id: PersonId) -> Person:
        """A person. Raises NotFound, TemporarilyUnavailable."""
        return await self._documents.get(user, person_id)

    async def list(self, user: UserId) -> tuple[Person, ...]:
        """All people of a user by name, then id. Raises TemporarilyUnavailable."""
        return tuple(sorted(await self._documents.all(user), key=lambda person: (person.name, person.id)))

    async def delete(self, user: UserId, person_id: PersonId) -> None:
        """Removes a person for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await self._documents.delete(user, person_id)

    async def diagnose(self) -> Diagnosis:
        """Whether the database answers."""
        return await self._connection.diagnose()
