"""What people see while all data of a user are written, read or erased: bars, and a table in the end."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table

from application.users.archive_changes import Verdict
from application.users.erase_user import Erased
from application.users.import_user import Report
from application.users.user_data import Told

_NAMES = {
    "memories.jsonl": "memories",
    "people.jsonl": "people",
    "facts.jsonl": "facts",
    "chat.jsonl": "messages",
    "reviews.jsonl": "reviews",
    "costs.jsonl": "costs",
    "files.jsonl": "recordings, photos, voices",
    "settings.json": "account and settings",
    "transcripts/": "transcripts",
    "files/": "files",
}


@contextmanager
def counting(console: Console) -> Iterator[Told]:
    """A line for each kind of thing, with how many are done."""
    columns = (SpinnerColumn(), TextColumn("[cyan]{task.description}"), TextColumn("{task.completed:,.0f}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        lines: dict[str, TaskID] = {}

        def told(what: str, done: int) -> None:
            if what not in lines:
                lines[what] = progress.add_task(_NAMES.get(what, what), total=None)
            progress.update(lines[what], completed=done)

        yield told


@contextmanager
def stepping(console: Console, *, steps: int) -> Iterator[Told]:
    """A bar over a known number of steps, with the name of the one that is being taken."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("[cyan]{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=steps)
        yield lambda what, done: progress.update(bar, description=what, completed=done)


def show_counts(counts: Mapping[str, int], console: Console, *, title: str) -> None:
    """How many of each kind there are."""
    table = _table(title, "")
    for name, number in counts.items():
        table.add_row(_NAMES.get(name, name), f"{number:,}")
    console.print(table)


def show_report(report: Report, console: Console, *, title: str) -> None:
    """What became of the pieces of an archive."""
    table = _table(title, *(verdict.value for verdict in Verdict))
    for name, verdicts in report.items():
        table.add_row(_NAMES.get(name, name), *(f"{verdicts[verdict]:,}" for verdict in Verdict))
    console.print(table)


def show_erased(erased: Sequence[Erased], console: Console, *, title: str) -> None:
    """What each store had, and what it has still."""
    table = _table(title, "there were", "left")
    for store in erased:
        color = "red" if store.left else "green"
        table.add_row(store.store, f"{store.before:,}", f"[{color}]{store.left:,}[/]")
    console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=escape(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    return table
