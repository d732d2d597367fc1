"""`omi export`, `omi import`, `omi erase`: all data of a user."""
# Imports stand where they are needed: `omi serve` shares this process's start, not its libraries.
# ruff: noqa: PLC0415

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from bootstrap.commands_server import ME, create_data_folder
from bootstrap.settings import load
from domain.ids import UserId

if TYPE_CHECKING:
    from rich.console import Console

    from bootstrap.container import Container

USER = click.option("--user", default=ME, show_default=True, help="Whose data.")
_NO_TIME = timedelta()
DRY_RUN = click.option("--dry-run", "how", flag_value="preview", help="Only tell what would be done.")


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@USER
def export(*, file: Path, user: str) -> None:
    """Write everything that is kept of a user to FILE, a ZIP that people and programs can read."""
    from adapters.inbound.command_line.whole_users import counting, show_counts
    from bootstrap.terminal import console
    from bootstrap.whole_users import EXPORTING, exporter

    async def run() -> dict[str, int]:
        async with _opened(EXPORTING) as container:
            with counting(_screen()) as told:
                return await exporter(container).export(UserId(user), file, told=told)

    show_counts(anyio.run(run), console(), title=f"Written to {file}")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@USER
@click.option("--replace", "conflicts", flag_value="replace", help="Where both differ, the archive wins.")
@DRY_RUN
def import_(*, file: Path, user: str, conflicts: str | None, how: str | None) -> None:
    """Read what `omi export` wrote back in; doing it twice does no harm."""
    from adapters.inbound.command_line.whole_users import counting, show_report
    from application.users.archive_changes import Conflicts
    from application.users.import_user import Report
    from bootstrap.terminal import console
    from bootstrap.whole_users import IMPORTING, importer

    async def run() -> Report:
        async with _opened(IMPORTING) as container:
            reader = importer(container)
            work = reader.preview if how else reader.read
            with counting(_screen()) as told:
                return await work(UserId(user), file, conflicts=Conflicts(conflicts or "newer"), told=told)

    title = f"{file} would be read so" if how else f"{file} was read"
    show_report(anyio.run(run), console(), title=title)


@click.command()
@click.option("--user", required=True, help="Who is to be forgotten.")
@click.option("--yes", "agreed", flag_value="yes", help="Do not ask.")
@DRY_RUN
def erase(*, user: str, agreed: str | None, how: str | None) -> None:
    """Remove a user from every store for good, and show that nothing is left. Stop the server before."""
    from adapters.inbound.command_line.whole_users import show_counts
    from bootstrap.terminal import console
    from bootstrap.whole_users import ERASING, eraser

    async def count() -> dict[str, int]:
        async with _opened(ERASING) as container:
            return await eraser(container).count(UserId(user))

    if how or not agreed:
        show_counts(anyio.run(count), console(), title=f"Kept of {user}")
    if how:
        return
    if not agreed:
        click.confirm(f"Remove all of this for good? There is no way back ({user})", abort=True)
    anyio.run(_erase, UserId(user))


async def _erase(user: UserId) -> None:
    from adapters.inbound.command_line.whole_users import show_erased, stepping
    from bootstrap.terminal import console
    from bootstrap.whole_users import ERASING, eraser
    from ports.errors import TemporarilyUnavailable

    async with _opened(ERASING) as container:
        use_case = eraser(container)
        with stepping(_screen(), steps=len(await use_case.count(user))) as told:
            erased = await use_case.at_once(user, told=told)
        await container.job_queue().claim((), lease=_NO_TIME)  # a queue without work empties its log
    show_erased(erased, console(), title=f"Erased: {user}")
    if any(store.left for store in erased):
        raise TemporarilyUnavailable("something is left: stop the server and run this again")


def _screen() -> "Console":
    """Standard error: bars are not part of what a command prints."""
    from rich.console import Console

    return Console(stderr=True)


@asynccontextmanager
async def _opened(names: tuple[str, ...]) -> AsyncIterator["Container"]:
    from bootstrap.container import Container
    from bootstrap.lifespan import opened

    settings = load()
    create_data_folder(settings)
    container = Container(settings=settings)
    async with opened(container, names):
        yield container
