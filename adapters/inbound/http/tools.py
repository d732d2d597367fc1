"""`/v1/mcp`: facts and conversations of a user, for tools that the user has made a key for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct

from adapters.inbound.http.app_keys import KeyDeleted, KeyIn, WireKey, WireNewKey, key_to_wire, new_key_to_wire
from adapters.inbound.http.authentication import FOR_TOOLS
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.facts import ChangedFactsController
from adapters.inbound.http.memories import Offset
from adapters.inbound.http.renamed_facts import ListedFactsController
from adapters.inbound.http.requests import aware
from adapters.inbound.http.wire import WireMemory, memory_to_wire
from adapters.inbound.http.wire_pieces import WireStructure, structure_to_wire, utc
from application.memories.list_between import Span
from application.memories.manage_memories import ManageMemories
from application.plugins.tool_keys import ToolKeys
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from ports.memory_repository import MemoryQuery


class WireConversationNote(Struct, kw_only=True):
    """What a conversation was about."""

    id: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    language: str | None
    structured: WireStructure


class ToolKeysController(Controller):
    """The keys of the caller's tools. A tool cannot make or end any: that takes the caller's token."""

    path = "/v1/mcp/keys"
    tags: Sequence[str] | None = ["tools"]

    @post(status_code=200, responses=FAILURES, summary="Make a key for a tool")
    async def make_key(
        self,
        *,
        user: NamedDependency[UserId],
        tool_keys: NamedDependency[ToolKeys],
        data: JSONBody[KeyIn | None] = None,
    ) -> WireNewKey:
        """The secret is shown once."""
        return new_key_to_wire(await tool_keys.create(user, label=data.called if data else ""))

    @get(status_code=200, responses=FAILURES, summary="List the keys of tools")
    async def list_keys(self, *, user: NamedDependency[UserId], tool_keys: NamedDependency[ToolKeys]) -> list[WireKey]:
        """Newest first, without their secrets."""
        return [key_to_wire(note) for note in await tool_keys.list(user)]

    @delete("/{key_id:str}", status_code=200, responses=FAILURES, summary="End a key of a tool")
    async def end_key(
        self, *, user: NamedDependency[UserId], tool_keys: NamedDependency[ToolKeys], key_id: FromPath[str]
    ) -> KeyDeleted:
        """From now on, it opens nothing."""
        await tool_keys.delete(user, key_id)
        return KeyDeleted()


class ToolFactsController(ListedFactsController, ChangedFactsController):
    """What is known of the caller."""

    path = "/v1/mcp/memories"
    opt = FOR_TOOLS
    tags: Sequence[str] | None = ["tools"]


class ToolConversationsController(Controller):
    """The conversations of the caller."""

    path = "/v1/mcp/conversations"
    opt = FOR_TOOLS
    tags: Sequence[str] | None = ["tools"]

    @get(status_code=200, responses=FAILURES, summary="List conversations without what was said")
    async def list_conversations(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 25,
        offset: Offset = 0,
        start_date: FromQuery[datetime | None] = None,
        end_date: FromQuery[datetime | None] = None,
    ) -> list[WireConversationNote]:
        """Newest first; those that were not worth keeping are left out."""
        span = Span(first=aware(start_date), last=aware(end_date))
        query = MemoryQuery(limit=limit, offset=offset, include_discarded=False)
        return [_note(memory) for memory in await memories.list_between(user, span, query)]

    @get("/{memory_id:str}", status_code=200, responses=FAILURES, summary="Read a conversation")
    async def read_conversation(
        self, *, user: NamedDependency[UserId], memories: NamedDependency[ManageMemories], memory_id: FromPath[str]
    ) -> WireMemory:
        """All of it."""
        return memory_to_wire(await memories.get(user, MemoryId(memory_id)))


def _note(memory: Memory) -> WireConversationNote:
    return WireConversationNote(
        id=memory.id,
        created_at=utc(memory.created_at),
        started_at=utc(memory.started_at) if memory.started_at else None,
        finished_at=utc(memory.finished_at) if memory.finished_at else None,
        language=memory.language,
        structured=structure_to_wire(memory.structure),
    )
