"""Messages in a SQLite file for each user."""

from adapters.outbound.moments import microseconds
from adapters.outbound.sqlite_documents import Collection, Order
from adapters.outbound.sqlite_store import SqliteStore
from domain.chat import Message
from domain.ids import UserId

MESSAGES = Collection(
    noun="message",
    file="chat.db",
    kind=Message,
    identifier=lambda message: message.id,
    position=lambda message: microseconds(message.created_at),
    order=Order.DESCENDING,
)


class SqliteChatHistory(SqliteStore[Message]):
    """Messages that stay: `chat.db` in the folder of each user."""

    collection = MESSAGES

    async def append(self, user: UserId, message: Message) -> None:
        """Stores a message; replaces the one with the same id. Raises TemporarilyUnavailable."""
        await self._documents.save(user, message)

    async def recent(self, user: UserId, *, limit: int = 100) -> tuple[Message, ...]:
        """The newest messages, newest first. Raises TemporarilyUnavailable."""
        return await self._documents.list(user, limit=limit)

    async def clear(self, user: UserId) -> None:
        """Removes all messages of a user for good. Raises TemporarilyUnavailable."""
        await self._documents.clear(user)
