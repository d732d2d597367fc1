"""`omi costs`: what recognition cost."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import click

from bootstrap.commands_server import create_data_folder
from bootstrap.commands_state import JSON
from bootstrap.settings import load

if TYPE_CHECKING:
    from application.users.tell_costs import Cost

OPEN = ("clock", "usage_ledger")


@click.command()
@click.option("--days", type=click.IntRange(min=1), default=1, show_default=True, help="Today and the days before it.")
@JSON
def costs(*, days: int, form: str) -> None:
    """Show what recognition cost today (UTC), per user and vendor."""
    from adapters.inbound.command_line.costs import costs_on_wire, show_costs
    from adapters.inbound.command_line.memories import as_json
    from bootstrap.terminal import console

    told = anyio.run(_costs, days)
    as_json(costs_on_wire(told)) if form == "json" else show_costs(told, console())


async def _costs(days: int) -> "tuple[Cost, ...]":
    from bootstrap.container import Container
    from bootstrap.lifespan import opened

    settings = load()
    create_data_folder(settings)
    container = Container(settings=settings)
    async with opened(container, OPEN):
        now = container.clock().now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return await container.tell_costs().between(midnight - timedelta(days=days - 1), now + timedelta(days=1))
