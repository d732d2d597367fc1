"""Messages in a SQLite file for each user."""

from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.outbound.moments import microseconds
from adapters.outbound.sqlite_documents import Collection, Order, SqliteDocuments
from domain.chat import Message
from domain.ids import UserId
from ports.diagnosis import Diagnosis
from ports.sealing_again import Resealed
from ports.vault import Vault

MESSAGES = Collection(
    noun="message",
    file="chat.db",
    kind=Message,
    identifier=lambda message: message.id,
    position=lambda message: microseconds(message.created_at),
    order=Order.DESCENDING,
)


class SqliteChatHistory:
    """Messages that stay: `chat.db` in the folder of each user."""

    def __init__(self, data_dir: Path, *, vault: Vault | None = None) -> None:
        self._documents = SqliteDocuments(MESSAGES, data_dir=data_dir, vault=vault)

    async def __aenter__(self) -> Self:
        await self._documents.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._documents.__aexit__(kind, error, trace)

    async def append(self, user: UserId, message: Message) -> None:
        """Stores a message; replaces the one with the same id. Raises TemporarilyUnavailable."""
        await self._documents.save(user, message)

    async def recent(self, user: UserId, *, limit: int = 100) -> tuple[Message, ...]:
        """The newest messages, newest first. Raises TemporarilyUnavailable."""
        return await self._documents.list(user, limit=limit)

    async def clear(self, user: UserId) -> None:
        """Removes all messages of a user for good. Raises TemporarilyUnavailable."""
        await self._documents.clear(user)

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals everything of a user with the key that seals now; see the port."""
        return await self._documents.seal_again(user)

    async def diagnose(self) -> Diagnosis:
        """Whether more messages can be stored, and whether the stored ones are whole."""
        return await self._documents.diagnose()
