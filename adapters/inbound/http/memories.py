"""`/v1/memories`."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct

from adapters.inbound.http.chat_wire import WireMessage, message_to_wire
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.requests import CreateMemoryIn, SearchIn, memory_request, present, statuses
from adapters.inbound.http.wire import WireMemory, memory_to_wire
from adapters.inbound.http.wire_found import WireFound, found_to_wire
from application.memories.make_memory import Telling
from application.memories.manage_memories import ManageMemories
from application.questions.chat import ChatMessage
from domain.ids import MemoryId, UserId
from ports.memory_repository import MemoryQuery

NEXT_CURSOR = "X-Next-Cursor"

Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
Offset = Annotated[int, QueryParameter(ge=0, le=1_000_000)]


class CreatedMemory(Struct, frozen=True):
    """A memory that was made, and what plugins have to say of it."""

    memory: WireMemory | None
    messages: list[WireMessage]


class StoredMemoriesController(Controller):
    """The memories of the caller, under whatever name. Somebody else's are as if they were not there."""

    @get(status_code=200, responses=FAILURES, summary="List memories, newest first")
    async def list_memories(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        limit: Limit = 100,
        offset: Offset = 0,
        cursor: FromQuery[str | None] = None,
        statuses_: Annotated[str | None, QueryParameter(name="statuses")] = None,
        include_discarded: FromQuery[bool] = True,
    ) -> Response[list[WireMemory]]:
        """Lists memories; `X-Next-Cursor` tells where to go on, where there is more."""
        query = MemoryQuery(
            limit=limit,
            offset=offset,
            cursor=present(cursor),
            statuses=statuses(statuses_),
            include_discarded=include_discarded,
        )
        page = await memories.list(user, query)
        headers = {NEXT_CURSOR: page.next_cursor} if page.next_cursor else {}
        return Response([memory_to_wire(memory) for memory in page.memories], headers=headers)

    @get("/{memory_id:str}", status_code=200, responses=FAILURES, summary="Read a memory")
    async def read_memory(
        self, *, user: NamedDependency[UserId], memories: NamedDependency[ManageMemories], memory_id: FromPath[str]
    ) -> WireMemory:
        """Reads a memory."""
        return memory_to_wire(await memories.get(user, MemoryId(memory_id)))

    @post("/{memory_id:str}/reprocess", status_code=200, responses=FAILURES, summary="Understand a memory anew")
    async def reprocess_memory(
        self, *, user: NamedDependency[UserId], memories: NamedDependency[ManageMemories], memory_id: FromPath[str]
    ) -> WireMemory:
        """Makes title, overview and action items of a memory again."""
        return memory_to_wire(await memories.reprocess(user, MemoryId(memory_id)))

    @delete("/{memory_id:str}", status_code=204, responses=FAILURES, summary="Delete a memory for good")
    async def delete_memory(
        self, *, user: NamedDependency[UserId], memories: NamedDependency[ManageMemories], memory_id: FromPath[str]
    ) -> None:
        """Deletes a memory and all that could find it."""
        await memories.delete(user, MemoryId(memory_id))


class MemoriesController(StoredMemoriesController):
    """The memories of the caller."""

    path = "/v1/memories"
    tags: Sequence[str] | None = ["memories"]

    @get("/search", status_code=200, responses=FAILURES, summary="Find memories, best first")
    async def find_memories(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        words: Annotated[str, QueryParameter(name="query", min_length=1, max_length=2000)],
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 10,
    ) -> list[WireFound]:
        """Finds memories by words and by meaning."""
        return [found_to_wire(found) for found in await memories.search(user, words, limit=limit)]

    @post(
        "/search", status_code=200, responses=FAILURES, summary="Find memories by a query that stays out of addresses"
    )
    async def search_memories(
        self, *, user: NamedDependency[UserId], memories: NamedDependency[ManageMemories], data: JSONBody[SearchIn]
    ) -> list[WireFound]:
        """As `GET`; what is looked for may be as private as what is found."""
        return [found_to_wire(found) for found in await memories.search(user, data.query, limit=data.limit)]

    @post(status_code=200, responses=FAILURES, summary="Make a memory of segments or photos")
    async def create_memory(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        data: JSONBody[CreateMemoryIn],
        trigger_integrations: FromQuery[bool],
        language_code: FromQuery[str | None] = None,
        source: FromQuery[str | None] = None,
    ) -> CreatedMemory:
        """Makes a memory of what a client transcribed or photographed."""
        telling = Telling.NOW if trigger_integrations else Telling.NEVER
        request = memory_request(data, language=language_code, source=source, telling=telling)
        made = await memories.create(user, request)
        messages = [message_to_wire(ChatMessage(message=message, memories=(made.memory,))) for message in made.messages]
        return CreatedMemory(memory_to_wire(made.memory), messages)
