"""Messages in memory."""

from adapters.outbound.in_memory_documents import InMemoryDocuments
from domain.chat import Message
from domain.ids import UserId


class InMemoryChatHistory:
    """Messages that go with the process. For tests and for trying things out."""

    def __init__(self) -> None:
        self._documents = InMemoryDocuments(Message, noun="message")

    async def append(self, user: UserId, message: Message) -> None:
        """Stores a message; replaces the one with the same id."""
        self._documents.save(user, message.id, message)

    async def recent(self, user: UserId, *, limit: int = 100) -> tuple[Message, ...]:
        """The newest messages, newest first."""
        newest_first = self._documents.values(user, by=lambda message: (message.created_at, message.id))[::-1]
        return tuple(newest_first[: max(limit, 0)])

    async def clear(self, user: UserId) -> None:
        """Removes all messages of a user."""
        self._documents.clear(user)
