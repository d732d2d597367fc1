"""Everything of a user is sealed as it would be written now: what lies in the clear, and what older keys sealed."""

from collections.abc import Mapping

from msgspec import structs

from application.questions.passages import passages_of
from application.users.user_data import Told, tell_nobody
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from ports.errors import NotFound
from ports.memory_repository import MemoryQuery, MemoryRepository
from ports.sealing_again import NoticesKeys, Resealed, SealsAgain
from ports.text_index import TextIndex

MEMORIES = "memories"
_AT_ONCE = 50
_NONE = MemoryId("-")
"""No memory is called so."""


class SealUser:
    """Goes through all stores while servers run. What is sealed with the newest key is left as it is.

    So it can be cut off at any moment and done again, and doing it twice changes nothing.
    """

    def __init__(
        self,
        *,
        memories: MemoryRepository,
        notices: NoticesKeys,
        texts: TextIndex,
        stores: Mapping[str, SealsAgain],
    ) -> None:
        """Keeps what it works with.

        Args:
            memories: are changed as they are at that moment, whoever else changes them.
            notices: sees the keys with which memories are opened.
            texts: holds what memories say once more.
            stores: all others, by what they hold.
        """
        self._memories = memories
        self._notices = notices
        self._texts = texts
        self._stores = stores

    async def seal(self, user: UserId, *, told: Told = tell_nobody) -> dict[str, Resealed]:
        """Seals all of a user; says for each store what was done.

        Raises:
            TemporarilyUnavailable, NotFound: something cannot be opened or written; do it again.
            Rejected: there are no keys, or the settings refuse to read what is in the clear.
        """
        done = {MEMORIES: await self._seal_memories(user, told)}
        for name, store in self._stores.items():
            done[name] = await store.seal_again(user)
            told(name, done[name].seen)
        return done

    async def _seal_memories(self, user: UserId, told: Told) -> Resealed:
        seen = sealed = 0
        cursor: str | None = None
        while True:
            self._notices.begin()
            page = await self._memories.page(user, MemoryQuery(limit=_AT_ONCE, cursor=cursor))
            if self._notices.is_outdated(len(page.memories)):
                for memory in page.memories:
                    sealed += await self._seal_memory(user, memory.id)
            seen += len(page.memories)
            told(MEMORIES, seen)
            cursor = page.next_cursor
            if cursor is None:
                break
        if sealed:  # whoever deletes has the log of a database emptied, where the clear text was until now
            await self._texts.delete(user, _NONE)
            await self._memories.delete(user, _NONE)
        return Resealed(seen, sealed)

    async def _seal_memory(self, user: UserId, memory_id: MemoryId) -> bool:
        self._notices.begin()
        try:
            memory = await self._memories.get(user, memory_id)
            if not self._notices.is_outdated(1):
                return False
            if not memory.discarded:  # first: the memory tells whether this is still to be done
                await self._texts.put(user, memory_id, passages_of(memory))
            await self._memories.update(user, memory_id, _rewritten)
        except NotFound:  # removed meanwhile
            await self._texts.delete(user, memory_id)
            return False
        return True


def _rewritten(memory: Memory) -> Memory:
    """The same, of other pieces: a store that writes what has changed writes all of it."""
    pieces: object = list(memory.segments)
    return structs.replace(memory, segments=pieces)
