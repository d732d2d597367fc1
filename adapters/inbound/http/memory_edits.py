"""What the app changes of a memory: title, ticks, visibility; and what others are shown of it."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller, delete, get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from adapters.inbound.http.authentication import PUBLIC
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.requests import present, visibility
from adapters.inbound.http.wire import WireMemory, memory_to_wire
from application.memories.edit_memories import EditMemories
from domain.errors import InvalidRequest
from domain.ids import MemoryId, UserId

Places = Annotated[list[int], Meta(max_length=1_000)]
Values = Annotated[list[bool], Meta(max_length=1_000)]
OPEN: list[dict[str, list[str]]] = [{}]
"""For the description: no token is needed."""


class Done(Struct, frozen=True):
    """It is done."""

    status: str = "Ok"


class EventTicks(Struct, frozen=True):
    """Which events are in the user's calendar."""

    events_idx: Places
    values: Values


class ItemTicks(Struct, frozen=True):
    """Which action items are done."""

    items_idx: Places
    values: Values


class ItemIn(Struct, frozen=True):
    """An action item, by what it says."""

    description: Annotated[str, Meta(max_length=10_000)]
    completed: bool = False


class MemoryEditsController(Controller):
    """Changes by hand."""

    path = "/v1/memories/{memory_id:str}"
    tags: Sequence[str] | None = ["memories"]

    @patch("/title", status_code=200, responses=FAILURES, summary="Give a memory another title")
    async def rename(
        self,
        *,
        user: NamedDependency[UserId],
        edit_memories: NamedDependency[EditMemories],
        memory_id: FromPath[str],
        title: FromQuery[str],
    ) -> Done:
        """Changes the title."""
        await edit_memories.title(user, MemoryId(memory_id), title)
        return Done()

    @patch("/events", status_code=200, responses=FAILURES, summary="Say which events are in the calendar")
    async def tick_events(
        self,
        *,
        user: NamedDependency[UserId],
        edit_memories: NamedDependency[EditMemories],
        memory_id: FromPath[str],
        data: JSONBody[EventTicks],
    ) -> Done:
        """Ticks events; places that there are not are passed over."""
        await edit_memories.tick_events(user, MemoryId(memory_id), _paired(data.events_idx, data.values))
        return Done()

    @patch("/action-items", status_code=200, responses=FAILURES, summary="Say which action items are done")
    async def tick_items(
        self,
        *,
        user: NamedDependency[UserId],
        edit_memories: NamedDependency[EditMemories],
        memory_id: FromPath[str],
        data: JSONBody[ItemTicks],
    ) -> Done:
        """Ticks action items; places that there are not are passed over."""
        await edit_memories.tick_items(user, MemoryId(memory_id), _paired(data.items_idx, data.values))
        return Done()

    @delete("/action-items", status_code=200, responses=FAILURES, summary="Take an action item away")
    async def delete_item(
        self,
        *,
        user: NamedDependency[UserId],
        edit_memories: NamedDependency[EditMemories],
        memory_id: FromPath[str],
        data: JSONBody[ItemIn],
    ) -> Done:
        """Deletes the action item of that description."""
        await edit_memories.delete_item(user, MemoryId(memory_id), data.description)
        return Done()

    @patch("/visibility", status_code=200, responses=FAILURES, summary="Say who may read a memory")
    async def show(
        self,
        *,
        user: NamedDependency[UserId],
        edit_memories: NamedDependency[EditMemories],
        memory_id: FromPath[str],
        value: FromQuery[str | None] = None,
        named: Annotated[str | None, QueryParameter(name="visibility")] = None,
    ) -> Done:
        """`private`, `shared` or `public`; apps write the name of the parameter either way."""
        await edit_memories.show(user, MemoryId(memory_id), visibility(present(value) or present(named) or ""))
        return Done()

    @get(
        "/shared",
        status_code=200,
        responses=FAILURES,
        opt=PUBLIC,
        security=OPEN,
        summary="Read a memory that is shown to you",
    )
    async def shared(self, *, edit_memories: NamedDependency[EditMemories], memory_id: FromPath[str]) -> WireMemory:
        """A memory that its owner shows, without where it took place."""
        return memory_to_wire(await edit_memories.shown(MemoryId(memory_id)))


class PublicMemoriesController(Controller):
    """What anybody may read."""

    path = "/v1/public-memories"
    tags: Sequence[str] | None = ["memories"]

    @get(status_code=200, responses=FAILURES, opt=PUBLIC, security=OPEN, summary="Memories that are shown to everybody")
    async def public(
        self,
        *,
        edit_memories: NamedDependency[EditMemories],
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 1000,
        offset: Annotated[int, QueryParameter(ge=0, le=1_000_000)] = 0,
    ) -> list[WireMemory]:
        """Newest first, without where they took place."""
        return [memory_to_wire(memory) for memory in await edit_memories.public(limit=limit, offset=offset)]


def _paired(places: list[int], values: list[bool]) -> dict[int, bool]:
    if len(places) != len(values):
        raise InvalidRequest(f"{len(places)} places and {len(values)} values; expected as many of each")
    return dict(zip(places, values, strict=True))
