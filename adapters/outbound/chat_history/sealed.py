"""Messages of any store, their text sealed."""

from msgspec import structs

from adapters.outbound.sealed_store import SealedStore
from adapters.outbound.sealing_again import ALL, resealed
from adapters.outbound.vault.sealed_text import is_current_text, opened_text, sealed_text
from adapters.outbound.vault.sealed_value import purpose_of
from domain.chat import Message
from domain.ids import UserId
from ports.chat_history import ChatHistory
from ports.sealing_again import Resealed
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

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals everything of a user with the key that seals now; see the port."""
        keys = await self._vault.keys(user)

        async def again(message: Message) -> None:
            await self.append(user, _opened(message, keys))

        found = await self._store.recent(user, limit=ALL)
        return await resealed(found, is_current=lambda message: is_current_text(message.text, keys), again=again)


def _sealed(message: Message, keys: UserKeys) -> Message:
    return structs.replace(message, text=sealed_text(message.text, keys, purpose=purpose_of("message", message.id)))


def _opened(message: Message, keys: UserKeys) -> Message:
    return structs.replace(message, text=opened_text(message.text, keys, purpose=purpose_of("message", message.id)))
