"""Facts in Google's Firestore, in the collections that earlier backends used."""

from enum import StrEnum
from functools import partial
from types import TracebackType
from typing import Self

from adapters.outbound.facts.firestore_fields import fact_collection
from adapters.outbound.firestore_connection import FirestoreConnection
from adapters.outbound.firestore_documents import FirestoreDocuments
from adapters.outbound.firestore_settings import FirestoreSettings
from adapters.outbound.user_encryption import user_cipher
from domain.fact import Fact
from domain.ids import UserId
from ports.diagnosis import Diagnosis
from ports.errors import NotFound


class FactCollection(StrEnum):
    """Where new facts go. Those that are there are read, changed and removed in either."""

    FACTS = "facts"
    MEMORIES = "memories"
    """Since 2025, when what used to be memories became conversations."""


class FirestoreFactsSettings(FirestoreSettings, frozen=True, kw_only=True):
    """Where the database is, and where facts lie in it."""

    collection: FactCollection = FactCollection.FACTS


class FirestoreFacts:
    """Facts below `users/{user}/facts` and `users/{user}/memories`."""

    def __init__(self, settings: FirestoreFactsSettings) -> None:
        self._connection = FirestoreConnection(settings)
        collection = partial(
            fact_collection, cipher=user_cipher(settings.encryption_secret), protection=settings.protection
        )
        self._places = {
            place: FirestoreDocuments(collection(place), connection=self._connection)
            for place in sorted(FactCollection, key=lambda place: place != settings.collection)
        }

    async def __aenter__(self) -> Self:
        await self._connection.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.__aexit__(kind, error, trace)

    async def save(self, user: UserId, fact: Fact) -> None:
        """Stores a fact; replaces the one with the same id. Raises TemporarilyUnavailable, Rejected."""
        place = await self._place(user, fact.id) or next(iter(self._places.values()))
        await place.save(user, fact)

    async def get(self, user: UserId, fact_id: str) -> Fact:
        """A fact. Raises NotFound, TemporarilyUnavailable."""
        place = await self._place(user, fact_id)
        if place is None:
            raise NotFound("the user has no such fact")
        return await place.get(user, fact_id)

    async def list(self, user: UserId, *, limit: int = 100, offset: int = 0) -> tuple[Fact, ...]:
        """Facts of a user, newest first. Raises TemporarilyUnavailable."""
        start, count = max(offset, 0), max(limit, 0)
        if not count:
            return ()
        facts = await self._places[FactCollection.FACTS].newest(user, limit=start + count)
        renamed = await self._places[FactCollection.MEMORIES].marked(user)
        known = {fact.id: fact for fact in (*renamed, *facts)}
        ordered = sorted(known.values(), key=lambda fact: (fact.created_at, fact.id), reverse=True)
        return tuple(ordered[start : start + count])

    async def delete(self, user: UserId, fact_id: str) -> None:
        """Removes a fact for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        place = await self._place(user, fact_id)
        while place is not None:
            await place.delete(user, fact_id)
            place = await self._place(user, fact_id)

    async def _place(self, user: UserId, fact_id: str) -> FirestoreDocuments[Fact] | None:
        """The collection that has a fact; the one for new facts is looked into first."""
        for documents in self._places.values():
            if await documents.has(user, fact_id):
                return documents
        return None

    async def diagnose(self) -> Diagnosis:
        """Whether the database answers."""
        return await self._connection.diagnose()
