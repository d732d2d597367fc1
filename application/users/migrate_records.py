"""What a migration finds at its source, record by record."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from msgspec import Struct

from application.users.archive_format import ArchivedSettings
from domain.chat import Message
from domain.fact import Fact
from domain.ids import PluginId, UserId
from domain.memory import Memory
from domain.person import Person
from domain.plugin_rating import Review

SETTINGS, FILES, PEOPLE, FACTS, CHAT = "settings", "files", "people", "facts", "messages"
MEMORIES, REVIEWS, WEBHOOKS = "memories", "reviews", "webhooks"


class OriginalSettings(Struct, frozen=True, kw_only=True):
    """What a user chose."""

    chosen: ArchivedSettings
    push_token: str = ""
    """Address of the user's device; empty for none."""


class OriginalReview(Struct, frozen=True, kw_only=True):
    """What a user thinks of a plugin."""

    plugin: PluginId
    review: Review


class OriginalFile(Struct, frozen=True, kw_only=True):
    """An object: a profile, a sample of a voice, a recording."""

    key: str
    content: bytes


class OriginalWebhook(Struct, frozen=True, kw_only=True):
    """An address of a user's own, or whether it is switched on: a value under the key that both backends use."""

    key: str
    value: bytes


Value = Memory | Person | Fact | Message | OriginalSettings | OriginalReview | OriginalFile | OriginalWebhook


class SealedValue(Struct, frozen=True):
    """What a server of ours sealed: nobody can tell what it is without that server's keys."""

    value: Value
    """As it lies there: who and which it is can be told."""


class Record(Struct, frozen=True, kw_only=True):
    """Something to be moved."""

    table: str
    """What kind of thing it is."""
    path: str
    """Where it lies at the source."""
    version: str
    """Is another one when it was changed there."""
    is_current: bool = False
    """Whether it has our layout already."""
    load: Callable[[], Awaitable[Value | SealedValue | None]]
    """Reads it; None where it turns out that there is nothing to move.

    Raises:
        Rejected: it cannot be read, today or tomorrow. The message names no content.
        TemporarilyUnavailable: the store does not answer.
    """


class Originals(Protocol):
    """A backend whose data are to be moved. Nothing is changed in it but what `forget_vectors` says."""

    async def users(self) -> tuple[UserId, ...]:
        """Everybody who has data. Raises TemporarilyUnavailable."""
        ...

    def records(self, user: UserId) -> AsyncIterator[Record]:
        """All of a user's: what others speak of comes first. Raises TemporarilyUnavailable from the iteration."""
        ...

    async def forget_vectors(self, user: UserId) -> int:
        """Removes the vectors of a user, which nobody asks for any more.

        Returns:
            How many there were.

        Raises:
            TemporarilyUnavailable: not all are removed.
        """
        ...
