"""Photos of a session in which nobody spoke become a memory of their own."""

from application.memories.deleted_memories import DeletedMemories
from application.memories.manage_memories import MemoryMaker
from application.photos.keep_photos import KeepPhotos
from domain.ids import MemoryId, UserId
from domain.memory import Memory, Source
from ports.clock import Clock
from ports.errors import NotFound
from ports.memory_repository import MemoryRepository


class RememberPhotos:
    """Looks after photos whose conversation never came about."""

    def __init__(
        self,
        *,
        keep: KeepPhotos,
        make_memory: MemoryMaker,
        memories: MemoryRepository,
        clock: Clock,
        deleted: DeletedMemories,
    ) -> None:
        self._keep = keep
        self._make_memory = make_memory
        self._memories = memories
        self._clock = clock
        self._deleted = deleted

    async def remember(self, user: UserId, memory_id: MemoryId) -> Memory | None:
        """A memory of the photos that were kept under its name, made once; None where there are none.

        Those of a conversation that its user threw away go with it.

        Raises:
            TemporarilyUnavailable: not made; the photos stay.
        """
        if await self._deleted.has(user, memory_id):
            await self._keep.forget(user, memory_id)
            return None
        photos = await self._keep.of(user, memory_id)
        if not photos:
            return None
        try:
            return await self._memories.get(user, memory_id)
        except NotFound:
            moments = [photo.taken_at for photo in photos if photo.taken_at is not None]
            draft = Memory(
                id=memory_id,
                created_at=self._clock.now(),
                started_at=min(moments, default=None),
                finished_at=max(moments, default=None),
                source=Source.OPENGLASS,
                photos=photos,
            )
            return (await self._make_memory.make(user, draft)).memory
