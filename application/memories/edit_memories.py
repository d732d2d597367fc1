"""What users change of their memories by hand, and whom they show them to."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import structs

from application.questions.recall import Recall
from domain.conversation_marks import without_marks
from domain.errors import InvalidRequest, MemoryNotFound
from domain.ids import MemoryId, UserId
from domain.memory import ActionItem, CalendarEvent, Memory, Structure, Visibility
from ports.errors import NotFound
from ports.key_value_store import KeyValueStore
from ports.memory_repository import MemoryRepository

PUBLIC = "public-memories"
"""Set of the memories that anybody may find; the key is the original's."""
LONGEST_TITLE = 500
LONGEST_ID = 500
"""Characters. Ids are much shorter; strangers may ask for anything."""


class EditMemories:
    """Titles, ticks, visibility. Each change is made to the memory as it is at that moment."""

    def __init__(self, *, memories: MemoryRepository, values: KeyValueStore, recall: Recall) -> None:
        self._memories = memories
        self._values = values
        self._recall = recall

    async def title(self, user: UserId, memory_id: MemoryId, title: str) -> Memory:
        """Gives a memory another title.

        Raises:
            MemoryNotFound: the user has no such memory.
            InvalidRequest: it is empty or too long.
        """
        title = title.strip()
        if not 0 < len(title) <= LONGEST_TITLE:
            raise InvalidRequest(f"title: {len(title)} characters; expected 1 to {LONGEST_TITLE}")
        memory = await self._restructured(user, memory_id, lambda now: structs.replace(now, title=title))
        await self._recall.index(user, memory)
        return memory

    async def tick_events(self, user: UserId, memory_id: MemoryId, created: Mapping[int, bool]) -> Memory:
        """Says which events the user put into a calendar. Places that there are not are passed over.

        Raises:
            MemoryNotFound: the user has no such memory.
        """

        def ticked(at: int, event: CalendarEvent) -> CalendarEvent:
            return structs.replace(event, created=created[at]) if at in created else event

        return await self._restructured(
            user,
            memory_id,
            lambda now: structs.replace(now, events=tuple(ticked(at, event) for at, event in enumerate(now.events))),
        )

    async def tick_items(self, user: UserId, memory_id: MemoryId, completed: Mapping[int, bool]) -> Memory:
        """Says which action items are done. Places that there are not are passed over.

        Raises:
            MemoryNotFound: the user has no such memory.
        """

        def ticked(at: int, item: ActionItem) -> ActionItem:
            return structs.replace(item, completed=completed[at]) if at in completed else item

        return await self._items(
            user, memory_id, lambda items: tuple(ticked(at, item) for at, item in enumerate(items))
        )

    async def delete_item(self, user: UserId, memory_id: MemoryId, description: str) -> Memory:
        """Takes an action item away; nothing happens when there is none of that description.

        Raises:
            MemoryNotFound: the user has no such memory.
        """

        def without(items: Sequence[ActionItem]) -> tuple[ActionItem, ...]:
            return tuple(
                structs.replace(item, deleted=True) if item.description == description else item for item in items
            )

        return await self._items(user, memory_id, without)

    async def show(self, user: UserId, memory_id: MemoryId, visibility: Visibility) -> Memory:
        """Says who may read a memory.

        Raises:
            MemoryNotFound: the user has no such memory.
        """
        memory = await self._update(user, memory_id, lambda now: structs.replace(now, visibility=visibility))
        if visibility is Visibility.PRIVATE:
            await self._values.delete(_owner_key(memory_id))
            await self._values.remove_member(PUBLIC, memory_id)
            return memory
        await self._values.put(_owner_key(memory_id), user.encode())
        change = self._values.add_member if visibility is Visibility.PUBLIC else self._values.remove_member
        await change(PUBLIC, memory_id)
        return memory

    async def shown(self, memory_id: MemoryId) -> Memory:
        """A memory that its owner shows, without where it took place and what their client calls it; for anybody.

        Raises:
            MemoryNotFound: there is no such memory, or it is private. Which of the two is not told.
        """
        owner = await self._values.get(_owner_key(memory_id)) if len(memory_id) <= LONGEST_ID else None
        if owner is None:
            raise MemoryNotFound("Memory is private")
        try:
            memory = await self._memories.get(UserId(owner.decode()), memory_id)
        except NotFound as error:
            raise MemoryNotFound("Memory is private") from error
        if memory.visibility is Visibility.PRIVATE:
            raise MemoryNotFound("Memory is private")
        return structs.replace(memory, geolocation=None, external=without_marks(memory.external))

    async def public(self, *, limit: int, offset: int = 0) -> tuple[Memory, ...]:
        """Memories that anybody may find, newest first, without where they took place."""
        found: list[Memory] = []
        for memory_id in await self._values.members(PUBLIC):
            try:
                memory = await self.shown(MemoryId(memory_id))
            except MemoryNotFound:
                continue
            if memory.visibility is Visibility.PUBLIC and not memory.discarded:
                found.append(memory)
        found.sort(key=lambda memory: (memory.created_at, memory.id), reverse=True)
        return tuple(found[offset : offset + limit])

    async def forget(self, _user: UserId, memory_id: MemoryId) -> None:
        """Shows a memory to nobody any more, because it is deleted."""
        await self._values.delete(_owner_key(memory_id))
        await self._values.remove_member(PUBLIC, memory_id)

    async def _items(
        self,
        user: UserId,
        memory_id: MemoryId,
        change: Callable[[Sequence[ActionItem]], tuple[ActionItem, ...]],
    ) -> Memory:
        return await self._restructured(
            user, memory_id, lambda now: structs.replace(now, action_items=change(now.action_items))
        )

    async def _restructured(
        self, user: UserId, memory_id: MemoryId, change: Callable[[Structure], Structure]
    ) -> Memory:
        return await self._update(user, memory_id, lambda now: structs.replace(now, structure=change(now.structure)))

    async def _update(self, user: UserId, memory_id: MemoryId, change: Callable[[Memory], Memory]) -> Memory:
        try:
            return await self._memories.update(user, memory_id, change)
        except NotFound as error:
            raise MemoryNotFound("Memory not found") from error


def _owner_key(memory_id: MemoryId) -> str:
    return f"memories-visibility:{memory_id}"
