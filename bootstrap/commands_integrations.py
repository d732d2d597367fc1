"""`omi integration-key` and `omi app-key`: keys for programs that bring memories, and for apps."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import click

from bootstrap.commands_server import create_data_folder
from bootstrap.settings import load
from domain.ids import UserId
from domain.integration import Integration
from ports.errors import Rejected

if TYPE_CHECKING:
    from application.plugins.hashed_keys import HashedKeys, KeyNote, NewKey
    from application.plugins.integration_keys import IntegrationKeys
    from ports.key_value_store import KeyValueStore

INTEGRATION = click.option(
    "--integration", type=click.Choice([each.value for each in Integration]), required=True, help="Which program."
)
APP = click.option("--app", required=True, help="Its id in the catalog.")
USER = click.option("--user", required=True, help="For whom it acts.")


@click.group("integration-key")
def integration_key() -> None:
    """Keys for programs that bring memories for one user."""


@integration_key.command()
@INTEGRATION
@USER
def create(*, integration: str, user: str) -> None:
    """Print a new key. It is shown once; an earlier one of the same program and user ends."""

    async def run() -> str:
        async with _keys() as keys:
            return await keys.create(Integration(integration), UserId(user))

    click.echo(anyio.run(run))


@integration_key.command()
@INTEGRATION
@USER
def revoke(*, integration: str, user: str) -> None:
    """End the key of a program for a user."""

    async def run() -> None:
        async with _keys() as keys:
            await keys.revoke(Integration(integration), UserId(user))

    anyio.run(run)


@click.group("app-key")
def app_key() -> None:
    """Keys by which apps act for their users; for apps that have no owner here."""


@app_key.command("create")
@APP
@click.option("--label", default="", help="What to call it.")
def create_for_app(*, app: str, label: str) -> None:
    """Print a new key of an app. It is shown once; others of the app stay."""

    async def run() -> "NewKey":
        async with _values() as (keys, _):
            return await keys.create(_place(app), kind="app", label=label)

    made = anyio.run(run)
    click.echo(made.secret)


@app_key.command("list")
@APP
def list_of_app(*, app: str) -> None:
    """List the keys of an app: id, when it was made, label."""

    async def run() -> "tuple[KeyNote, ...]":
        async with _values() as (keys, _):
            return await keys.list(_place(app))

    for note in anyio.run(run):
        click.echo(f"{note.id}  {note.created_at:%Y-%m-%d %H:%M}  {note.label}".rstrip())


@app_key.command("revoke")
@APP
@click.option("--key", required=True, help="Its id.")
def revoke_of_app(*, app: str, key: str) -> None:
    """End a key of an app."""

    async def run() -> None:
        async with _values() as (keys, _):
            await keys.delete(_place(app), key)

    anyio.run(run)


def _place(app: str) -> str:
    from application.plugins.app_keys import LONGEST_APP, place_of

    if not 0 < len(app) <= LONGEST_APP:
        raise click.UsageError(f"--app: expected an id of at most {LONGEST_APP} characters")
    return place_of(app)


@asynccontextmanager
async def _keys() -> "AsyncIterator[IntegrationKeys]":
    """The keys of the server on this machine's data. Raises Rejected."""
    from application.plugins.integration_keys import IntegrationKeys

    async with _values() as (_, values):
        yield IntegrationKeys(values=values)


@asynccontextmanager
async def _values() -> "AsyncIterator[tuple[HashedKeys, KeyValueStore]]":
    """Where the server on this machine's data keeps keys.

    Raises:
        Rejected: a server keeps its keys where nobody else comes.
    """
    from adapters.outbound.clock.system import SystemClock
    from application.plugins.hashed_keys import HashedKeys
    from bootstrap.adapters import chosen

    settings, clock = load(), SystemClock()
    if settings.names("key_value_store")[0] == "memory":
        raise Rejected(
            "keys cannot be made from here: OMI_KEY_VALUE_STORE__NAME is memory, which no two programs share"
        )
    create_data_folder(settings)
    values: Any = chosen("key_value_store", settings, clock)
    async with AsyncExitStack() as stack:
        if hasattr(values, "__aenter__"):
            await stack.enter_async_context(values)
        yield HashedKeys(values=values, clock=clock), values
