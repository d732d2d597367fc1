"""Values by user and identifier in SQLite: what the simple embedded stores are made of."""

import sqlite3
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from msgspec import Struct

from adapters.outbound.codec import Codec
from adapters.outbound.keys import key_bytes
from adapters.outbound.sqlite_connection import Schema
from adapters.outbound.sqlite_files import SqliteFiles
from adapters.outbound.storage_diagnosis import diagnosed
from adapters.outbound.user_folder import user_folder
from adapters.outbound.vault.none import ClearVault
from adapters.outbound.vault.sealed_value import place_of
from domain.ids import UserId
from ports.diagnosis import Diagnosis
from ports.errors import NotFound
from ports.sealing_again import Resealed
from ports.vault import UserKeys, Vault

T = TypeVar("T")
NO_LIMIT = (1 << 63) - 1
"""SQLite's largest whole number; it takes a negative limit for none at all, Python's numbers have no end."""
SCHEMA = Schema(
    (
        (
            "CREATE TABLE documents (id BLOB PRIMARY KEY NOT NULL, position NOT NULL, content BLOB NOT NULL)",
            "CREATE INDEX documents_in_order ON documents (position, id)",
        ),
    )
)
_SAVE = "INSERT OR REPLACE INTO documents (id, position, content) VALUES (?, ?, ?)"
_IS_KNOWN = "SELECT 1 FROM documents WHERE id = ?"
_GET = "SELECT content FROM documents WHERE id = ?"
_DELETE = "DELETE FROM documents WHERE id = ?"
_ALL = "SELECT id, content FROM documents"
_RESEAL = "UPDATE documents SET content = ? WHERE id = ?"


class Order(StrEnum):
    """How values are listed; among equal positions, identifiers go the same way."""

    ASCENDING = "SELECT id, content FROM documents ORDER BY position ASC, id ASC LIMIT ? OFFSET ?"
    DESCENDING = "SELECT id, content FROM documents ORDER BY position DESC, id DESC LIMIT ? OFFSET ?"


class Collection(Struct, Generic[T], frozen=True, kw_only=True):
    """Values of one kind, and how they lie in the folder of a user."""

    noun: str
    file: str
    """Name of the database in the user's folder."""
    kind: type[T]
    identifier: Callable[[T], str]
    position: Callable[[T], int | bytes]
    """What values are listed by. Is kept in the clear."""
    order: Order


class SqliteDocuments(Generic[T]):
    """The values of a collection, a file for each user, sealed with the user's keys."""

    def __init__(self, collection: Collection[T], *, data_dir: Path, vault: Vault | None = None) -> None:
        self._collection = collection
        self._vault = vault or ClearVault()
        self._data_dir = data_dir
        self._codec = Codec(collection.kind, noun=collection.noun)
        self._files = SqliteFiles(SCHEMA)

    async def __aenter__(self) -> Self:
        await self._files.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._files.__aexit__(kind, error, trace)

    async def save(self, user: UserId, value: T) -> None:
        """Stores a value; the one with the same identifier is gone then. Raises TemporarilyUnavailable, Rejected."""
        of, keys = self._collection, await self._vault.keys(user)
        identifier = key_bytes(of.identifier(value))
        content = keys.seal(self._codec.encode(value), purpose=self._purpose(identifier))
        row = (identifier, of.position(value), content)

        def save(connection: sqlite3.Connection) -> bool:
            is_known = connection.execute(_IS_KNOWN, row[:1]).fetchone() is not None
            connection.execute(_SAVE, row)
            return is_known

        if await self._files.write(self._file(user), save):
            await self._files.erase(self._file(user), lambda _: None)

    async def get(self, user: UserId, identifier: str) -> T:
        """A value. Raises NotFound, TemporarilyUnavailable."""
        sought, keys = (key_bytes(identifier),), await self._vault.known(user)
        row = await self._files.read(self._file(user), lambda connection: connection.execute(_GET, sought).fetchone())
        if row is None:
            raise NotFound(f"the user has no such {self._collection.noun}")
        return self._opened(keys, *sought, row[0])

    async def list(self, user: UserId, *, limit: int = NO_LIMIT, offset: int = 0) -> tuple[T, ...]:
        """Values in the collection's order. Raises TemporarilyUnavailable."""
        window, keys = (within(limit), within(offset)), await self._vault.known(user)

        def read(connection: sqlite3.Connection) -> tuple[T, ...]:
            rows = connection.execute(self._collection.order, window).fetchall()
            return tuple(self._opened(keys, identifier, content) for identifier, content in rows)

        return await self._files.read(self._file(user), read)

    async def delete(self, user: UserId, identifier: str) -> None:
        """Removes a value for good; nothing happens when there is none. Raises TemporarilyUnavailable."""
        sought = (key_bytes(identifier),)
        await self._files.erase(self._file(user), lambda connection: connection.execute(_DELETE, sought))

    async def clear(self, user: UserId) -> None:
        """Removes all values of a user for good. Raises TemporarilyUnavailable."""
        await self._files.erase(self._file(user), lambda connection: connection.execute("DELETE FROM documents"))

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals everything of a user with the key that seals now, in one transaction; see the port."""
        keys = await self._vault.keys(user)

        def seal(connection: sqlite3.Connection) -> Resealed:
            rows = connection.execute(_ALL).fetchall()
            outdated = [row for row in rows if not keys.is_current(row[1])]
            for identifier, content in outdated:
                purpose = self._purpose(identifier)
                sealed = keys.seal(keys.open(content, purpose=purpose), purpose=purpose)
                connection.execute(_RESEAL, (sealed, identifier))
            return Resealed(len(rows), len(outdated))

        return await self._files.erase(self._file(user), seal)

    async def diagnose(self) -> Diagnosis:
        """Whether more can be stored, and whether what was stored is whole."""
        return await diagnosed(self._data_dir, databases=f"users/*/{self._collection.file}")

    def _opened(self, keys: UserKeys, identifier: bytes, content: bytes) -> T:
        return self._codec.decode(keys.open(content, purpose=self._purpose(identifier)))

    def _purpose(self, identifier: bytes) -> bytes:
        return place_of(self._collection.noun.encode(), identifier)

    def _file(self, user: UserId) -> Path:
        return user_folder(self._data_dir, user) / self._collection.file


def within(number: int) -> int:
    """A limit or an offset that SQLite understands as a slice does."""
    return min(max(number, 0), NO_LIMIT)
