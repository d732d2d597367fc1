"""`omi search` and `omi memories`."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import click

from bootstrap.commands_audio import token_for
from bootstrap.commands_server import ME, create_data_folder
from bootstrap.settings import load
from domain.ids import UserId

if TYPE_CHECKING:
    from adapters.inbound.command_line.memories import Memories

STORES = (
    *("clock", "key_value_store", "text_embedder", "memory_repository"),
    *("people", "text_index", "vector_index", "job_queue"),
)
"""Adapters that have to be open to read memories."""

Command = Callable[..., Any]


def where_they_are(command: Command) -> Command:
    """The options that say whose memories, from where, and in which form."""
    options = (
        click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True),
        click.option("--user", default=ME, show_default=True, help="Whose memories."),
        click.option("--url", help="Ask a server.  [default: the stores that the settings name]"),
        click.option("--token", help="Who you are, for a server elsewhere."),
        click.option("--json", "form", flag_value="json", default="text", help="For programs."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("query")
@where_they_are
def search(*, query: str, limit: int, user: str, url: str | None, token: str | None, form: str) -> None:
    """Find what was said, by words and by meaning."""
    from adapters.inbound.command_line.memories import as_json, show_found
    from bootstrap.terminal import console

    async def run() -> None:
        async with _memories(user, url, token) as found_in:
            found = await found_in.search(query, limit=limit)
        as_json(found) if form == "json" else show_found(found, console())

    anyio.run(run)


@click.command()
@click.argument("memory_id", metavar="[ID]", required=False)
@where_they_are
def memories(*, memory_id: str | None, limit: int, user: str, url: str | None, token: str | None, form: str) -> None:
    """List memories, newest first; with an ID, show that one."""
    from adapters.inbound.command_line.memories import as_json, show_list, show_memory
    from bootstrap.terminal import console

    async def run() -> None:
        async with _memories(user, url, token) as kept:
            if memory_id is not None:
                memory = await kept.get(memory_id)
                as_json(memory) if form == "json" else show_memory(memory, console())
            else:
                newest = await kept.newest(limit=limit)
                as_json(newest) if form == "json" else show_list(newest, console())

    anyio.run(run)


@asynccontextmanager
async def _memories(user: str, url: str | None, token: str | None) -> AsyncIterator["Memories"]:
    """The memories of a user: through a server when there is one to ask, else from the stores."""
    settings = load()
    if url is not None:
        from adapters.inbound.command_line.remote_memories import RemoteMemories

        async with RemoteMemories(url, token=token or token_for(url, settings, UserId(user))) as remote:
            yield remote
        return
    from adapters.inbound.command_line.memories import StoredMemories
    from bootstrap.container import Container
    from bootstrap.lifespan import opened

    create_data_folder(settings)
    container = Container(settings=settings)
    async with opened(container, STORES):
        yield StoredMemories(container.manage_memories(), user=UserId(user))
