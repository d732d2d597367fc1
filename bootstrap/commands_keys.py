"""`omi keys`: what users' data is sealed with."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import click

from bootstrap.commands_server import create_data_folder
from bootstrap.commands_state import JSON
from bootstrap.settings import load

if TYPE_CHECKING:
    from ports.vault import Vault, VaultState


@click.group()
def keys() -> None:
    """The keys that users' data is sealed with."""


@keys.command()
@JSON
def status(*, form: str) -> None:
    """Show how many keys there are, where, since when, and whether a rotation has ended."""
    from adapters.inbound.command_line.keys import show_state, state_on_wire
    from adapters.inbound.command_line.memories import as_json
    from bootstrap.terminal import console

    async def look() -> "VaultState":
        async with _vault() as vault:
            return await vault.state()

    state = anyio.run(look)
    as_json(state_on_wire(state)) if form == "json" else show_state(state, console())


@keys.command()
def rotate() -> None:
    """Wrap all keys with a new master key and give every user a new one. Servers may run; do it again if cut off."""

    async def run() -> int:
        async with _vault() as vault:
            return await vault.rotate()

    renewed = anyio.run(run)
    click.echo(f"Keys of {renewed:,} users were wrapped anew; new ones seal in a minute and a half.")


@asynccontextmanager
async def _vault() -> "AsyncIterator[Vault]":
    from bootstrap.container import Container
    from bootstrap.lifespan import opened

    settings = load()
    create_data_folder(settings)
    container = Container(settings=settings)
    async with opened(container, ("clock",)):
        yield container.vault()
