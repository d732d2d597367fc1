"""`omi search` and `omi memories`: what is kept, from the stores or through a server."""

from typing import Protocol

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from adapters.inbound.command_line.screen import clock, memory_lines, segment_line
from adapters.inbound.http.wire import WireMemory, memory_to_wire
from adapters.inbound.http.wire_found import WireFound, found_to_wire
from application.memories.manage_memories import ManageMemories
from domain.ids import MemoryId, UserId
from ports.memory_repository import MemoryQuery


class Memories(Protocol):
    """The memories of one user, wherever they are. All methods raise AdapterError and BusinessError."""

    async def newest(self, *, limit: int) -> list[WireMemory]:
        """The newest ones."""
        ...

    async def get(self, memory_id: str) -> WireMemory:
        """One of them."""
        ...

    async def search(self, query: str, *, limit: int) -> list[WireFound]:
        """Those that answer a question, best first."""
        ...


class StoredMemories:
    """Directly from the stores."""

    def __init__(self, memories: ManageMemories, *, user: UserId) -> None:
        self._memories = memories
        self._user = user

    async def newest(self, *, limit: int) -> list[WireMemory]:
        """The newest ones."""
        page = await self._memories.list(self._user, MemoryQuery(limit=limit, include_discarded=False))
        return [memory_to_wire(memory) for memory in page.memories]

    async def get(self, memory_id: str) -> WireMemory:
        """One of them."""
        return memory_to_wire(await self._memories.get(self._user, MemoryId(memory_id)))

    async def search(self, query: str, *, limit: int) -> list[WireFound]:
        """Those that answer a question, best first."""
        return [found_to_wire(found) for found in await self._memories.search(self._user, query, limit=limit)]


def as_json(value: object) -> None:
    """Prints a value for programs."""
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


def show_found(found: list[WireFound], console: Console) -> None:
    """Prints what was found: titles, and the passages that answer."""
    for one in found:
        memory = one.memory
        console.print(f"{_title(memory)}  [dim]{memory.id}[/]", soft_wrap=True, highlight=False)
        for passage in one.passages:
            when = clock(passage.start) if passage.segment_id else ""
            console.print(f"[cyan]{when:>6}[/]  {escape(passage.text)}", soft_wrap=True, highlight=False)
    if not found:
        console.print("Nothing was found.")


def show_list(memories: list[WireMemory], console: Console) -> None:
    """Prints memories, one a line."""
    for memory in memories:
        console.print(f"[dim]{memory.id}[/]  {_title(memory)}", soft_wrap=True, highlight=False)
    if not memories:
        console.print("There are no memories yet; make one with: omi transcribe FILE")


def show_memory(memory: WireMemory, console: Console) -> None:
    """Prints a memory with its transcript."""
    as_sent = msgspec.to_builtins(memory)
    lines = [_when(memory), *list(memory_lines(as_sent))[1:], "", *map(segment_line, as_sent["transcript_segments"])]
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)


def _title(memory: WireMemory) -> str:
    about = memory.structured
    title = escape(about.title or "Untitled")
    return f"[cyan]{_when(memory)}[/]  {about.emoji} [bold]{title}[/]  [magenta]{about.category}[/]"


def _when(memory: WireMemory) -> str:
    moment = memory.started_at or memory.created_at
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
