"""What users do with their memories."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from application.memories.deleted_memories import DeletedMemories
from application.memories.forget_memory import ForgetMemory
from application.memories.list_between import Span, list_between
from application.memories.make_memory import MadeMemory, Telling
from application.photos.see_photos import SeePhotos
from application.questions.recall import Found, Recall
from application.users.accounts import Accounts
from domain.errors import InvalidRequest, MemoryNotFound, NothingToRemember
from domain.ids import MemoryId, UserId, new_id
from domain.memory import Geolocation, Memory, MemoryStatus, Photo, Source
from domain.transcript import TranscriptSegment
from ports.clock import Clock
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from ports.memory_repository import MemoryPage, MemoryQuery, MemoryRepository


class MemoryMaker(Protocol):
    """Makes memories; `MakeMemory` does."""

    async def make(self, user: UserId, draft: Memory, *, telling: Telling = Telling.LATER) -> MadeMemory:
        """Understands and keeps a draft."""
        ...


Reprocess = Callable[[UserId, MemoryId], Awaitable[Memory]]
"""Understands a memory anew. Raises NotFound. `CreateMemory.reprocess` does it."""


class MemoryRequest(Struct, frozen=True, kw_only=True):
    """Material that a client wants remembered."""

    segments: tuple[TranscriptSegment, ...] = ()
    """On a clock of samples that starts at `started_at`."""
    photos: tuple[Photo, ...] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    source: Source = Source.FRIEND
    language: str | None = None
    geolocation: Geolocation | None = None
    telling: Telling = Telling.LATER


InProgress = Callable[[UserId], Awaitable[tuple[Memory, ...]]]
"""What was said so far in conversations of a user that have no memory yet; `ConversationsInProgress.of` tells it."""
UNMADE = frozenset({MemoryStatus.IN_PROGRESS, MemoryStatus.PROCESSING, MemoryStatus.FAILED})
"""Statuses of such conversations."""


async def _none(_user: UserId) -> tuple[Memory, ...]:
    return ()


class ManageMemories:
    """Lists, finds, reads, makes and deletes the memories of one user at a time."""

    def __init__(
        self,
        *,
        memories: MemoryRepository,
        recall: Recall,
        make_memory: MemoryMaker,
        reprocess: Reprocess,
        accounts: Accounts,
        forget: ForgetMemory,
        deleted: DeletedMemories,
        see_photos: SeePhotos,
        clock: Clock,
        in_progress: InProgress = _none,
    ) -> None:
        self._memories = memories
        self._recall = recall
        self._make_memory = make_memory
        self._reprocess = reprocess
        self._accounts = accounts
        self._forget = forget
        self._deleted = deleted
        self._see_photos = see_photos
        self._clock = clock
        self._in_progress = in_progress

    async def list(self, user: UserId, query: MemoryQuery) -> MemoryPage:
        """Some memories, newest first; before them, where that is asked for, conversations that have no memory yet.

        Raises:
            InvalidRequest: the cursor was not given out by `list`.
        """
        unmade: tuple[Memory, ...] = ()
        if UNMADE.intersection(query.statuses) and not query.offset and not query.cursor:
            unmade = tuple(memory for memory in await self._in_progress(user) if memory.status in query.statuses)
        try:
            page = await self._memories.page(user, query)
        except Rejected as error:
            raise InvalidRequest("cursor: not one that an earlier answer gave") from error
        stored = {memory.id for memory in page.memories}  # one may be made meanwhile
        return MemoryPage((*(m for m in unmade if m.id not in stored), *page.memories), page.next_cursor)

    async def list_between(self, user: UserId, span: Span, query: MemoryQuery) -> tuple[Memory, ...]:
        """Memories that were made in a span of time, newest first. Raises TemporarilyUnavailable."""
        return await list_between(self._memories, user, span, query=query)

    async def newest(self, user: UserId) -> MemoryId | None:
        """The memory that was made last; None where there is none. Raises TemporarilyUnavailable."""
        page = await self._memories.page(user, MemoryQuery(limit=1))
        return page.memories[0].id if page.memories else None

    async def get(self, user: UserId, memory_id: MemoryId) -> Memory:
        """A memory; of a conversation that has none yet, what was said so far.

        Raises:
            MemoryNotFound: the user has no such memory.
        """
        try:
            return await self._memories.get(user, memory_id)
        except NotFound as error:
            for memory in await self._in_progress(user):
                if memory.id == memory_id:
                    return memory
            raise MemoryNotFound("Memory not found") from error

    async def search(self, user: UserId, query: str, *, limit: int) -> tuple[Found, ...]:
        """The memories that answer a question, best first."""
        zone = (await self._accounts.get(user)).zone  # "yesterday" is the user's
        return await self._recall.search(user, query, limit=limit, now=self._clock.now().astimezone(zone))

    async def create(self, user: UserId, request: MemoryRequest) -> MadeMemory:
        """Makes a memory of material that was transcribed or taken elsewhere.

        Raises:
            NothingToRemember: there is neither speech nor a photo.
        """
        is_silent = not any(segment.text.strip() for segment in request.segments)
        if is_silent and not request.photos:
            raise NothingToRemember("Transcript segments or photos are required")
        memory_id, place = MemoryId(new_id()), request.geolocation.address if request.geolocation else None
        seen = await self._see_photos.see_sent(user, memory_id, request.photos, place=place or "")
        if is_silent and not seen.kept:
            raise NothingToRemember("None of the photos can be read: expected JPEG, PNG or WebP, in base64")
        draft = Memory(
            id=memory_id,
            created_at=self._clock.now(),
            started_at=request.started_at,
            finished_at=request.finished_at,
            source=request.source,
            language=request.language,
            segments=request.segments,
            photos=seen.kept,
            geolocation=request.geolocation,
        )
        return await self._make_memory.make(user, draft, telling=request.telling)

    async def reprocess(self, user: UserId, memory_id: MemoryId) -> Memory:
        """Understands a memory anew.

        Raises:
            MemoryNotFound: the user has no such memory.
        """
        try:
            return await self._reprocess(user, memory_id)
        except NotFound as error:
            raise MemoryNotFound("Memory not found") from error

    async def delete(self, user: UserId, memory_id: MemoryId) -> None:
        """Removes a memory, and all that could find it, for good; one that is being made, too.

        Raises:
            MemoryNotFound: the user has no such memory.
        """
        memory = await self.get(user, memory_id)
        await self._deleted.note(user, memory_id)  # first: whoever makes it now looks there once it is kept
        await self._forget.request(user, memory_id)  # whatever fails from here on is done by the job
        if memory.status in UNMADE:
            await self._forget.request_again(user, memory_id)
        await self._memories.delete(user, memory_id)
        with suppress(TemporarilyUnavailable):
            await self._forget.now(user, memory_id)
