"""`omi keys`: what users' data is sealed with."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import click

from bootstrap.commands_server import create_data_folder
from bootstrap.commands_state import JSON
from bootstrap.known_settings import UNSEALED
from bootstrap.settings import Settings, load
from domain.ids import UserId
from ports.errors import Rejected

if TYPE_CHECKING:
    from bootstrap.container import Container
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


@keys.command()
@click.option("--user", "users", multiple=True, help="Whose data; may be given several times. Without: of all.")
def seal(*, users: tuple[str, ...]) -> None:
    """Seal what lies in the clear or under older keys. Servers may run; do it again if cut off."""
    settings = load()
    if settings.names("vault") == UNSEALED:
        raise Rejected("there are no keys: OMI_VAULT__NAME is none")
    create_data_folder(settings)
    anyio.run(_seal, settings, tuple(UserId(user) for user in users))


async def _seal(settings: Settings, users: tuple[UserId, ...]) -> None:
    from dependency_injector import providers
    from rich.console import Console

    from adapters.inbound.command_line.keys import show_sealed
    from adapters.inbound.command_line.whole_users import counting
    from adapters.outbound.vault.noticed import NoticedVault
    from application.users.known_users import known_users
    from bootstrap.container import Container
    from bootstrap.lifespan import opened
    from bootstrap.sealed_stores import memories_sealed_anew
    from bootstrap.terminal import console
    from bootstrap.whole_users import SEALING, sealer

    container = Container(settings=settings)
    noticed = NoticedVault(container.vault())
    container.vault.override(providers.Object(noticed))
    container.memory_repository.override(
        providers.Singleton(memories_sealed_anew, settings, container.clock(), vault=noticed)
    )
    seen: Counter[str] = Counter()
    sealed: Counter[str] = Counter()
    async with opened(container, SEALING):
        await _await_newest(container)
        use_case = sealer(container, noticed)
        whose = users or sorted(await known_users(container.key_value_store(), container.accounts()))
        with counting(Console(stderr=True)) as told:
            for user in whose:
                for store, done in (await use_case.seal(user, told=told)).items():
                    seen[store] += done.seen
                    sealed[store] += done.sealed
    show_sealed(seen, sealed, console(), users=len(whose))
    if not users:
        _tell_unknown(settings, whose)


async def _await_newest(container: "Container") -> None:
    """Until keys seal that a rotation has just made: what is sealed before that would be sealed with the older ones."""
    newest = (await container.vault().state()).newest
    left = (newest - container.clock().now()).total_seconds() if newest is not None else 0.0
    if left > 0:
        click.echo(f"New keys seal in {left:.0f} s; waiting.", err=True)
        await container.clock().sleep(left)


def _tell_unknown(settings: Settings, users: Iterable[UserId]) -> None:
    """Folders have names that nobody can read a user from."""
    from adapters.outbound.user_folder import USERS, user_folder

    known = {user_folder(settings.data_dir, user).name for user in users}
    folders = settings.data_dir / USERS
    unknown = [path for path in folders.iterdir() if path.name not in known] if folders.is_dir() else []
    if unknown:
        click.echo(f"{len(unknown):,} folders in {folders} are of users whose names nothing here says: use --user.")


@asynccontextmanager
async def _vault() -> "AsyncIterator[Vault]":
    from bootstrap.container import Container
    from bootstrap.lifespan import opened

    settings = load()
    create_data_folder(settings)
    container = Container(settings=settings)
    async with opened(container, ("clock",)):
        yield container.vault()
