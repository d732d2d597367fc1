"""Where memories lie in Firestore: in one of two collections of their user."""

from collections.abc import Sequence

from google.cloud.firestore import AsyncDocumentReference

from adapters.outbound.firestore_connection import FirestoreConnection
from adapters.outbound.firestore_names import document_name
from adapters.outbound.memory_repository.firestore_headers import COLLECTIONS, Header, chosen, is_shown
from domain.ids import MemoryId, UserId


class FirestoreMemoryPlaces:
    """Finds the headers of memories by their identifiers."""

    def __init__(self, connection: FirestoreConnection, *, first: str) -> None:
        """Keeps what it works with.

        Args:
            connection: where they are.
            first: the collection that new memories go to; one that is shown there is the one that counts.
        """
        self._connection = connection
        self._collections = sorted(COLLECTIONS, key=lambda collection: collection != first)

    async def of(self, user: UserId, memory_ids: Sequence[MemoryId]) -> list[Header]:
        """Where some memories are, in their order; for one that is nowhere, a place that is free.

        Takes a call for each hundred, and the same again for those that are not where new ones go.

        Raises:
            TemporarilyUnavailable: they cannot be read.
            Rejected: an identifier is not valid Unicode.
        """
        places = [self._references(user, memory_id) for memory_id in memory_ids]
        headers = await self._read([here for here, *_ in places])
        missing = [number for number, header in enumerate(headers) if not is_shown(header)]
        others = iter(await self._read([place for number in missing for place in places[number][1:]]))
        for number in missing:
            headers[number] = chosen([headers[number], *(next(others) for _ in places[number][1:])])
        return headers

    async def everywhere(self, user: UserId, memory_id: MemoryId) -> list[Header]:
        """All places of a memory, those where nothing is among them. Raises TemporarilyUnavailable, Rejected."""
        return await self._read(self._references(user, memory_id))

    def nowhere(self, user: UserId, memory_id: MemoryId) -> Header:
        """The place for a new memory, provided that nothing is where it could be. Raises Rejected."""
        here, *elsewhere = self._references(user, memory_id)
        return Header(reference=here, fields=None, elsewhere=tuple(elsewhere))

    async def _read(self, references: Sequence[AsyncDocumentReference]) -> list[Header]:
        return [Header.of(snapshot) for snapshot in await self._connection.read(references)]

    def _references(self, user: UserId, memory_id: MemoryId) -> list[AsyncDocumentReference]:
        name = document_name(memory_id)
        return [self._connection.user(user).collection(one).document(name) for one in self._collections]
