"""What tools of a user can call over the Model Context Protocol, and what they are told."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from adapters.inbound.http.renamed_facts import WireRenamedFact, renamed_fact_to_wire
from adapters.inbound.http.wire import memory_to_wire
from adapters.inbound.http.wire_found import found_to_wire
from application.memories.manage_facts import ManageFacts
from application.memories.manage_memories import ManageMemories
from domain.errors import InvalidRequest
from domain.fact import Fact, FactCategory
from domain.ids import MemoryId, UserId

Count = Annotated[int, Meta(ge=1, le=100)]


class SearchMemories(Struct, kw_only=True):
    """Find conversations of the user by words and by meaning, best first."""

    query: Annotated[str, Meta(min_length=1, max_length=2_000)]
    limit: Annotated[int, Meta(ge=1, le=20)] = 5


class GetMemory(Struct, kw_only=True):
    """Read a conversation of the user: what was said, by whom, and what was made of it."""

    id: Annotated[str, Meta(min_length=1, max_length=200)]


class ListFacts(Struct, kw_only=True):
    """List what is known of the user, newest first."""

    limit: Count = 50
    offset: Annotated[int, Meta(ge=0, le=100_000)] = 0


class AddFact(Struct, kw_only=True):
    """Keep a sentence about the user, because the user wants that."""

    content: Annotated[str, Meta(min_length=1, max_length=2_000)]
    category: FactCategory = FactCategory.OTHER


TOOLS: dict[str, type[Struct]] = {
    "search_memories": SearchMemories,
    "get_memory": GetMemory,
    "list_facts": ListFacts,
    "add_fact": AddFact,
}
READING = {"search_memories", "get_memory", "list_facts"}


def described() -> list[dict[str, Any]]:
    """The tools there are, as the protocol wants them."""
    _, shapes = msgspec.json.schema_components(TOOLS.values(), ref_template="#/$defs/{name}")
    defined = {"FactCategory": shapes["FactCategory"]}
    return [
        {
            "name": name,
            "description": kind.__doc__,
            "inputSchema": {**shapes[kind.__name__], "$defs": defined},
            "annotations": {"readOnlyHint": name in READING, "destructiveHint": False},
        }
        for name, kind in TOOLS.items()
    ]


class ToolCalls:
    """Does what a tool asks for, for one user."""

    def __init__(self, user: UserId, *, memories: ManageMemories, facts: ManageFacts) -> None:
        self._user = user
        self._memories = memories
        self._facts = facts

    async def call(self, name: str, arguments: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """The answer of a tool.

        Raises:
            InvalidRequest: there is no such tool, or its arguments are wrong; says how.
            MemoryNotFound: the user has no such memory.
            TemporarilyUnavailable: not now.
        """
        asked = _asked(name, arguments)
        if isinstance(asked, SearchMemories):
            found = await self._memories.search(self._user, asked.query, limit=asked.limit)
            return [_brief(found_to_wire(each)) for each in found]
        if isinstance(asked, GetMemory):
            return msgspec.to_builtins(memory_to_wire(await self._memories.get(self._user, MemoryId(asked.id))))
        if isinstance(asked, ListFacts):
            listed = await self._facts.list(self._user, limit=asked.limit, offset=asked.offset)
            return [msgspec.to_builtins(self._shown(fact)) for fact in listed]
        if isinstance(asked, AddFact):
            added = await self._facts.add(self._user, asked.content, category=asked.category)
            return msgspec.to_builtins(self._shown(added))
        raise InvalidRequest(f"there is no tool {name[:40]!r}")

    def _shown(self, fact: Fact) -> WireRenamedFact:
        return renamed_fact_to_wire(self._user, fact, is_public=False)


def _asked(name: str, arguments: dict[str, Any]) -> Struct | None:
    try:
        return msgspec.convert(arguments, TOOLS[name]) if name in TOOLS else None
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error)) from error


def _brief(found: Struct) -> dict[str, Any]:
    """What was found without all that was said; `get_memory` reads that."""
    told: dict[str, Any] = msgspec.to_builtins(found)
    memory = told["memory"]
    kept = ("id", "created_at", "started_at", "finished_at", "structured")
    return {**{name: memory[name] for name in kept}, "passages": told["passages"], "score": told["score"]}
