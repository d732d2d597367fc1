"""What is known of the streams of clients that come back: also elsewhere, and when conversations are over."""

import hashlib
from contextlib import suppress
from datetime import timedelta

import msgspec
from msgspec import Struct, structs

from application.listening.live_conversation import LiveConversation
from domain.audio import AudioFormat
from domain.client_stream import Reach, further
from domain.ids import ConversationId, MemoryId, UserId
from domain.memory import Memory, MemoryStatus
from ports.errors import NotFound, TemporarilyUnavailable
from ports.key_value_store import KeyValueStore
from ports.memory_repository import MemoryRepository

KEPT = timedelta(days=31)
"""Since something of it changed last: a little longer than the oldest audio that is taken."""

MOST_CONVERSATIONS = 50


class StreamHistory(Struct, frozen=True, kw_only=True):
    """What became of a stream."""

    reach: Reach = Reach(0)
    """So much is in journals, or in memories by now."""
    conversations: tuple[ConversationId, ...] = ()
    """Those that it was heard in and that are over, in order; the last ones."""


class StreamSession(Struct, frozen=True, kw_only=True):
    """What a client and its server have agreed on."""

    digest: bytes
    """Of the token that continues it."""
    audio: AudioFormat
    heeded: int = 0
    """Number of the last text message of the client that was done."""
    told: dict[ConversationId, int] = {}
    """Conversations whose memory the client was told of, with the number of that event."""
    is_finished: bool = False
    """The client has said that no more audio comes."""


class KnownStreams:
    """Kept by user and by the name that the client gave: nobody finds a stream of somebody else."""

    def __init__(self, *, values: KeyValueStore, memories: MemoryRepository) -> None:
        self._values = values
        self._memories = memories

    async def history(self, user: UserId, stream: str) -> StreamHistory:
        """What became of a stream; nothing, where nothing is known. Raises TemporarilyUnavailable."""
        kept = await self._values.get(_key(user, stream, "history"))
        return StreamHistory() if kept is None else msgspec.json.decode(kept, type=StreamHistory)

    async def memory(self, user: UserId, conversation: ConversationId) -> Memory | None:
        """What became of a conversation; None where it is not made yet, or is gone. Raises TemporarilyUnavailable."""
        try:
            memory = await self._memories.get(user, MemoryId(conversation))
        except NotFound:
            return None
        return memory if memory.status is MemoryStatus.COMPLETED else None

    async def session(self, user: UserId, stream: str) -> StreamSession | None:
        """What its last session agreed on. Raises TemporarilyUnavailable."""
        kept = await self._values.get(_key(user, stream, "session"))
        return None if kept is None else msgspec.json.decode(kept, type=StreamSession)

    async def agree(self, user: UserId, stream: str, session: StreamSession) -> None:
        """Keeps what a session has agreed on. Raises TemporarilyUnavailable."""
        await self._values.put(_key(user, stream, "session"), msgspec.json.encode(session), lifetime=KEPT)

    async def reached(self, user: UserId, stream: str, reach: Reach) -> None:
        """So much of a stream was taken. What is known already does not become less. Raises TemporarilyUnavailable."""
        known = await self.history(user, stream)
        if further(known.reach, reach) != known.reach:
            await self._keep(user, stream, structs.replace(known, reach=reach))

    async def ended(self, live: LiveConversation) -> None:
        """A conversation is over: its journal will go. Harmless when repeated. Raises TemporarilyUnavailable."""
        for stream in live.streams:
            known = await self.history(live.user, stream)
            is_last = live.stream is not None and live.stream.name == stream and live.reach is not None
            reach = further(known.reach, live.reach) if is_last and live.reach is not None else known.reach
            others = [conversation for conversation in known.conversations if conversation != live.id]
            conversations = (*others, live.id)[-MOST_CONVERSATIONS:]
            await self._keep(live.user, stream, StreamHistory(reach=reach, conversations=conversations))

    async def left(self, live: LiveConversation) -> None:
        """Nobody adds to a conversation now: its client may come back when it is over."""
        if live.stream is not None and live.reach is not None:
            with suppress(TemporarilyUnavailable):  # it is noted again when the conversation is over
                await live.settle()
                await self.reached(live.user, live.stream.name, live.reach)

    async def _keep(self, user: UserId, stream: str, history: StreamHistory) -> None:
        await self._values.put(_key(user, stream, "history"), msgspec.json.encode(history), lifetime=KEPT)


def _key(user: UserId, stream: str, what: str) -> str:
    digest = hashlib.sha256(stream.encode(errors="surrogatepass")).hexdigest()[:32]
    return f"users:{user}:streams:{digest}:{what}"
