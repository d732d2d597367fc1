"""What people see while users are moved from another backend: bars, then what became of everything."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from application.users.archive_changes import Verdict
from application.users.migrate_users import USERS, Migration
from application.users.user_data import Told

MOST_SHOWN = 200
"""Problems that are listed one by one."""


@contextmanager
def moving(console: Console, *, users: int) -> Iterator[Told]:
    """A bar over the users, and how many of each kind of thing were looked at."""
    columns = (
        SpinnerColumn(),
        TextColumn("[cyan]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        lines: dict[str, TaskID] = {USERS: progress.add_task(USERS, total=users)}

        def told(what: str, done: int) -> None:
            if what not in lines:
                lines[what] = progress.add_task(what, total=None)
            progress.update(lines[what], completed=done)

        yield told


def show_migration(migration: Migration, console: Console, *, title: str) -> None:
    """What became of the pieces, and where those are that could not be moved."""
    table = Table(title=escape(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for verdict in Verdict:
        table.add_column(verdict.value, justify="right")
    for name, verdicts in migration.report.items():
        table.add_row(name, *(f"{verdicts[verdict]:,}" for verdict in Verdict))
    console.print(table)
    if migration.vectors:
        console.print(f"{migration.vectors:,} vectors of the original removed")
    for path, reason in sorted(migration.problems.items())[:MOST_SHOWN]:
        console.print(f"[red]not moved[/] {escape(path)}: {escape(reason)}")
    if len(migration.problems) > MOST_SHOWN:
        console.print(f"[red]not moved[/] and {len(migration.problems) - MOST_SHOWN:,} more")
