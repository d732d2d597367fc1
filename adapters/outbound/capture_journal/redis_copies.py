"""The copies of journals that all servers see: bytes in, bytes out."""

from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Self

from msgspec import Struct

from adapters.outbound.capture_journal import redis_scripts
from adapters.outbound.capture_journal.forks import Fork, told
from adapters.outbound.capture_journal.redis_scripts import CHUNK
from adapters.outbound.conversation_leases.redis_scripts import PREFIX
from adapters.outbound.keys import key_bytes, key_text
from adapters.outbound.redis_connection import RedisConnection, RedisServer, command
from domain.ids import ConversationId
from ports.diagnosis import Diagnosis
from ports.errors import NotFound

_PIECE = 1 << 18
"""Bytes read at a time: 2 ms to decode."""


class CopyState(Struct, frozen=True, kw_only=True):
    """What is known of a journal."""

    size: int
    """Bytes of records; -1 when there is no copy."""
    opened: int
    """Microseconds since 1970."""
    fence: int
    """Of who wrote last."""
    gone: int
    """`opened` of the journal of that name that was removed; 0: none was."""
    forks: tuple[Fork, ...] = ()
    """Also of one that was removed."""


class Piece(Struct, frozen=True, kw_only=True):
    """Bytes to append."""

    conversation: ConversationId
    fence: int
    opened: int
    offset: int
    """Bytes of records before these."""
    content: bytes


class RedisCopies:
    """Journals in Redis."""

    def __init__(self, server: RedisServer) -> None:
        self._redis = RedisConnection(server)

    async def __aenter__(self) -> Self:
        await self._redis.__aenter__()
        register = self._redis.client.register_script
        self._append, self._remove, self._state = (
            register(script) for script in (redis_scripts.APPEND, redis_scripts.REMOVE, redis_scripts.STATE)
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._redis.__aexit__(kind, error, trace)

    async def append(self, pieces: Sequence[Piece]) -> list[int]:
        """Adds to several journals at once; gives their sizes then, or why one takes nothing (see the script).

        Raises:
            TemporarilyUnavailable: some may have been added. The same again is harmless.
        """
        words: list[bytes | int] = []
        for piece in pieces:
            words += (key_bytes(piece.conversation), piece.fence, piece.opened, piece.offset, piece.content)
        sizes: list[int] = await self._redis.ask_once(lambda _: self._append((PREFIX,), words))
        return sizes

    async def states(self, conversations: Sequence[ConversationId]) -> list[CopyState]:
        """What is known of journals. Raises TemporarilyUnavailable."""
        names = [key_bytes(conversation) for conversation in conversations]
        found = await self._redis.ask(lambda _: self._state((PREFIX,), names)) if names else []
        return [
            CopyState(size=int(size), opened=int(opened), fence=int(fence), gone=int(gone), forks=told(forks))
            for size, opened, fence, gone, forks in found
        ]

    async def conversations(self) -> dict[ConversationId, int]:
        """Those with a copy, and when each was opened. Raises TemporarilyUnavailable."""
        found = await self._redis.ask(
            lambda client: command(client, "ZRANGE", PREFIX + b"journals", 0, -1, "WITHSCORES")
        )
        # Redis answers as a flat list, or in pairs, depending on the protocol
        flat = [word for entry in found for word in (entry if isinstance(entry, list | tuple) else (entry,))]
        return {
            ConversationId(key_text(name)): int(float(opened))
            for name, opened in zip(flat[::2], flat[1::2], strict=True)
        }

    async def content(self, conversation: ConversationId, *, size: int) -> AsyncIterator[bytes]:
        """The bytes of a copy, in pieces.

        Raises:
            NotFound: it was removed meanwhile.
            TemporarilyUnavailable: not now.
        """
        at = 0
        while at < size:
            place = PREFIX + b"chunk:" + key_bytes(conversation) + b":%d" % (at // CHUNK)
            first = at % CHUNK
            last = min(first + _PIECE, CHUNK, first + size - at) - 1
            piece = await self._range(place, first, last)
            if not piece:
                raise NotFound("this journal was removed while it was read")
            at += len(piece)
            yield piece

    async def remove(self, conversation: ConversationId, *, opened: int) -> None:
        """Forgets a copy, and has other servers forget theirs. Raises TemporarilyUnavailable."""
        await self._redis.ask(lambda _: self._remove((PREFIX,), (key_bytes(conversation), opened)))

    async def diagnose(self) -> Diagnosis:
        """Whether Redis answers and keeps what it is given."""
        return await self._redis.diagnose()

    async def _range(self, place: bytes, first: int, last: int) -> bytes:
        piece: bytes = await self._redis.ask(lambda client: command(client, "GETRANGE", place, first, last))
        return piece
