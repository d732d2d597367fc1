"""Messages of any store, their text sealed."""

from msgspec import structs

from adapters.outbound.sealed_store import SealedStore
from adapters.outbound.vault.sealed_text import opened_text, sealed_text
from adapters.outbound.vault.sealed_value import purpose_of
from domain.chat import Message
from domain.ids import UserId
from ports.chat_history import ChatHistory
from ports.vault import UserKeys


class SealedChatHistory(SealedStore[ChatHistory]):
    """Seals what goes into a store and opens what comes out of it."""

    async def append(self, user: UserId, message: Message) -> None:
        """Stores a message; replaces the one with the same id. Raises TemporarilyUnavailable, Rejected."""
        await self._store.append(user, _sealed(message, await self._vault.keys(user)))

    async def recent(self, user: UserId, *, limit: int = 100) -> tuple[Message, ...]:
        """The newest messages, newest first. Raises TemporarilyUnavailable."""
        found, keys = await self._store.recent(user, limit=limit), await self._vault.known(user)
        return tuple(_opened(message, keys) for message in found)

    async def clear(self, user: UserId) -> None:
        """Removes all messages of a user for good. Raises TemporarilyUnavailable."""
        await self._store.clear(user)


def _sealed(message: Message, keys: UserKeys) -> Message:
    return structs.replace(message, text=sealed_text(message.text, keys, purpose=purpose_of("message", message.id)))


def _opened(message: Message, keys: UserKeys) -> Message:
    return structs.replace(message, text=opened_text(message.text, keys, purpose=purpose_of("message", message.id)))
