"""`omi integration-key`: keys for programs that bring memories."""
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
    from application.plugins.integration_keys import IntegrationKeys

INTEGRATION = click.option(
    "--integration", type=click.Choice([each.value for each in Integration]), required=True, help="Which program."
)
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


@asynccontextmanager
async def _keys() -> "AsyncIterator[IntegrationKeys]":
    """The keys of the server on this machine's data.

    Raises:
        Rejected: a server keeps its keys where nobody else comes.
    """
    from adapters.outbound.clock.system import SystemClock
    from application.plugins.integration_keys import IntegrationKeys
    from bootstrap.adapters import chosen

    settings = load()
    if settings.names("key_value_store")[0] == "memory":
        raise Rejected(
            "keys cannot be made from here: OMI_KEY_VALUE_STORE__NAME is memory, which no two programs share"
        )
    create_data_folder(settings)
    values: Any = chosen("key_value_store", settings, SystemClock())
    async with AsyncExitStack() as stack:
        if hasattr(values, "__aenter__"):
            await stack.enter_async_context(values)
        yield IntegrationKeys(values=values)
