"""`omi costs`: what recognition cost, as a table or for programs."""

from collections.abc import Sequence

from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from application.users.tell_costs import Cost


class WireCost(Struct, frozen=True, kw_only=True):
    """What one user's use of one recognizer came to, for programs. Times in seconds."""

    user: str
    recognizer: str
    connections: int
    audio_seconds: float
    billed_seconds: float
    dollars: str
    """Six places behind the point: exact, as a number would not be."""


class WireCosts(Struct, frozen=True, kw_only=True):
    """All costs of a time, the dearest first, and their sum."""

    costs: list[WireCost]
    dollars: str


def costs_on_wire(costs: Sequence[Cost]) -> WireCosts:
    """The same for programs."""
    lines = [
        WireCost(
            user=cost.user,
            recognizer=cost.recognizer,
            connections=cost.connections,
            audio_seconds=round(cost.audio_seconds, 3),
            billed_seconds=round(cost.billed_seconds, 3),
            dollars=dollars(cost.micro_dollars),
        )
        for cost in costs
    ]
    return WireCosts(costs=lines, dollars=dollars(sum(cost.micro_dollars for cost in costs)))


def show_costs(costs: Sequence[Cost], console: Console) -> None:
    """Prints a table with the sum below."""
    if not costs:
        console.print("Nothing was recognized.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True, footer_style="bold")
    table.add_column("user", footer="all", overflow="fold")
    table.add_column("vendor")
    for column in ("connections", "audio", "billed"):
        table.add_column(column, justify="right")
    table.add_column("dollars", footer=dollars(sum(cost.micro_dollars for cost in costs)), justify="right")
    for cost in costs:
        times = (f"{duration:.1f} s" for duration in (cost.audio_seconds, cost.billed_seconds))
        spent = dollars(cost.micro_dollars)
        table.add_row(escape(cost.user or "-"), cost.recognizer, str(cost.connections), *times, spent)
    console.print(table)


def dollars(micro_dollars: int) -> str:
    """An amount, exact to the micro-dollar."""
    whole, rest = divmod(abs(micro_dollars), 1_000_000)
    return f"{'-' if micro_dollars < 0 else ''}{whole}.{rest:06d}"
