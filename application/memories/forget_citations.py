"""What the chat says of a memory that is deleted."""

from msgspec import structs

from domain.chat import Message, Sender
from domain.ids import MemoryId, UserId
from ports.chat_history import ChatHistory

WITHDRAWN = "This answer rested on a memory that was deleted."
_ALL = 1_000_000


class ForgetCitations:
    """Takes a memory out of the chat.

    An answer of the assistant, or of a plugin, may repeat word for word what the memory said: its text is withdrawn
    with its citations. What the user wrote is the user's own and stays; only the citation goes.
    """

    def __init__(self, chat: ChatHistory) -> None:
        self._chat = chat

    async def __call__(self, user: UserId, memory: MemoryId) -> None:
        """Withdraws what rests on a memory; harmless when repeated. Raises TemporarilyUnavailable."""
        for message in await self._chat.recent(user, limit=_ALL):
            if memory in message.memory_ids:
                await self._chat.append(user, _without(message, memory))


def _without(message: Message, memory: MemoryId) -> Message:
    if message.sender is Sender.AI:
        return structs.replace(message, text=WITHDRAWN, memory_ids=())
    return structs.replace(message, memory_ids=tuple(cited for cited in message.memory_ids if cited != memory))
