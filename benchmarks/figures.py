"""Figures and how they are shown."""

import statistics
from collections.abc import Iterable, Sequence

from msgspec import Struct
from rich.console import Console
from rich.table import Table

WIDTH = 150


class Figure(Struct, frozen=True, kw_only=True):
    """One measured value."""

    what: str
    value: float
    unit: str
    remark: str = ""
    """Under which circumstances; the target, where there is one."""


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many of a hundred do not exceed.

    Raises:
        ValueError: there are fewer than two values.
    """
    if len(values) < 2:
        raise ValueError(f"{len(values)} values are too few for a percentile")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def show(title: str, figures: Iterable[Figure]) -> None:
    """Prints a table."""
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("what")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("remark")
    for figure in figures:
        table.add_row(figure.what, _rounded(figure.value), figure.unit, figure.remark)
    console = Console(width=WIDTH)
    console.print(table)
    console.print()


def _rounded(value: float) -> str:
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
