"""What a server wrote to journals and others never saw: they went on without it."""

from collections.abc import AsyncIterator
from typing import Protocol

from msgspec import Struct

from domain.ids import ConversationId
from ports.capture_journal import JournalRecord


class LeftBehind(Struct, frozen=True, kw_only=True):
    """A journal as it was here when somebody else went on with its conversation."""

    name: str
    """Its own."""
    conversation: ConversationId


class LeftRecord(Struct, frozen=True, gc=False):
    """One record."""

    record: JournalRecord
    is_shared: bool
    """Whether others have it, too."""


class LeftJournals(Protocol):
    """All of them that lie on this server."""

    async def found(self) -> tuple[LeftBehind, ...]:
        """What there is. Raises TemporarilyUnavailable."""
        ...

    def read(self, left: LeftBehind) -> AsyncIterator[LeftRecord]:
        """The records in order: those that others have, too, then those of this server alone.

        Raises (from the iteration):
            NotFound: it is gone, or the keys of its user are.
            TemporarilyUnavailable: it cannot be read now.
        """
        ...

    async def remove(self, left: LeftBehind) -> None:
        """Forgets one; nothing happens when it is gone. Raises TemporarilyUnavailable."""
        ...
