"""How far the index of a user on this disk follows the log of changes: in the same file, so that they go together."""

from functools import partial
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Self

import anyio

from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.search_database import SCHEMA, search_file
from adapters.outbound.sqlite_files import SqliteFiles
from adapters.outbound.text_index.redis_changes import Place
from adapters.outbound.user_folder import USERS
from domain.ids import UserId

NOWHERE = Place(b"", 0)
_READ = "SELECT epoch, number FROM followed"
_FORGET = "DELETE FROM followed"
_WRITE = "INSERT INTO followed(user, epoch, number) VALUES (?, ?, ?)"
_MOST_WITHOUT = 10_000
"""Users without a file whose place is remembered."""


class FollowedPlaces:
    """Places of users. Raises TemporarilyUnavailable throughout."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._files = SqliteFiles(SCHEMA)
        self._without: dict[UserId, Place] = {}
        """Of users who had nothing there: no file is made for them."""

    async def __aenter__(self) -> Self:
        await self._files.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._files.__aexit__(kind, error, trace)

    async def of(self, user: UserId) -> Place:
        """How far the index of a user is; `NOWHERE` where nobody knows."""
        without = self._without.get(user, NOWHERE)
        return await self._files.read(search_file(self._data_dir, user), partial(_place, without=without))

    async def count(self, user: UserId, *, before: Place, after: Place | None) -> None:
        """Notes whose index it is, and goes one on if nothing but that happened since; not where `after` is None."""
        await self._write(user, partial(_count, before=before, after=after))

    async def reached(self, user: UserId, *, before: Place, after: Place) -> None:
        """Notes how far it is.

        Where somebody else moved it meanwhile, another process at the same files, perhaps with older texts, all since
        `before` is looked at again.
        """
        if await anyio.Path(search_file(self._data_dir, user)).exists():
            await self._write(user, partial(_reach, before=before, after=after))
        else:
            self._remember(user, after)

    async def empty(self, user: UserId, *, after: Place) -> None:
        """Notes that there is nothing, and forgets on the disk whose index it was."""
        await self._files.erase(search_file(self._data_dir, user), _forget)
        self._remember(user, after)

    async def owner(self, folder: str) -> UserId | None:
        """Whose index lies in a folder of users; None where there is none."""
        path = self._data_dir / USERS / folder / search_file(self._data_dir, UserId("")).name
        if not folder.isalnum() or not await anyio.Path(path).exists():
            return None
        return await self._files.read(path, _owner)

    async def _write(self, user: UserId, work: partial[None]) -> None:
        without = self._without.get(user, NOWHERE)
        await self._files.write(search_file(self._data_dir, user), partial(work, user=user, without=without))

    def _remember(self, user: UserId, place: Place) -> None:
        if len(self._without) >= _MOST_WITHOUT:
            self._without.clear()
        self._without[user] = place


def _place(connection: Connection, *, without: Place) -> Place:
    row = connection.execute(_READ).fetchone()
    return Place(*row) if row is not None and row[0] else without


def _owner(connection: Connection) -> UserId | None:
    row = connection.execute("SELECT user FROM followed").fetchone()
    return None if row is None else UserId(key_text(row[0]))


def _forget(connection: Connection) -> None:
    connection.execute(_FORGET)


def _count(connection: Connection, *, before: Place, after: Place | None, user: UserId, without: Place) -> None:
    now = _place(connection, without=without)
    is_next = after is not None and now == before == Place(after.epoch, after.number - 1)
    if is_next and after is not None:
        _set(connection, user, after)
    elif connection.execute(_READ).fetchone() is None:
        _set(connection, user, now)


def _reach(connection: Connection, *, before: Place, after: Place, user: UserId, without: Place) -> None:
    now = _place(connection, without=without)
    if now != before:
        is_same = now.epoch == before.epoch == after.epoch
        after = Place(now.epoch, min(now.number, before.number)) if is_same else NOWHERE
    _set(connection, user, after)


def _set(connection: Connection, user: UserId, place: Place) -> None:
    connection.execute(_FORGET)
    connection.execute(_WRITE, (key_bytes(user), place.epoch, place.number))
