"""Which records of a user a migration is done with: kept where the user's values are, so that a crash forgets none."""

from collections.abc import Mapping
from hashlib import sha256

import msgspec
from msgspec import Struct

from application.users.migrate_records import OriginalFile, Record, Value
from domain.ids import UserId
from ports.key_value_store import KeyValueStore


class Mark(Struct, frozen=True):
    """A record that was dealt with."""

    place: str
    """Of the record, as `place_of` gives it."""
    version: str
    """That the record had."""
    digest: str
    """Of what was written for it; empty where nothing was."""

    @property
    def text(self) -> str:
        """As a member of a set."""
        return " ".join((self.place, self.version, self.digest))


class MigrationMarks:
    """The marks of one user at a time."""

    def __init__(self, values: KeyValueStore) -> None:
        self._values = values

    async def of(self, user: UserId) -> Mapping[str, Mark]:
        """What was done by now, by place. Raises TemporarilyUnavailable."""
        parts = (member.split(" ") for member in sorted(await self._values.members(_key(user))))
        return {
            mark.place: mark for mark in (Mark(*known) for known in parts if len(known) == len(Mark.__struct_fields__))
        }

    async def put(self, user: UserId, mark: Mark, *, before: Mark | None) -> None:
        """Notes that a record was dealt with, in place of an earlier note. Raises TemporarilyUnavailable."""
        await self._values.add_member(_key(user), mark.text)
        if before is not None and before != mark:
            await self._values.remove_member(_key(user), before.text)


def place_of(record: Record) -> str:
    """Where a record lies, short and without a name in it."""
    return sha256(f"{record.table} {record.path}".encode("utf-8", "surrogatepass")).hexdigest()[:24]


def digest_of(value: Value) -> str:
    """Tells whether a value is still the one that was written."""
    content = value.content if isinstance(value, OriginalFile) else msgspec.json.encode(value)
    return sha256(content).hexdigest()[:16]


def _key(user: UserId) -> str:
    return f"users:{user}:migrated"
