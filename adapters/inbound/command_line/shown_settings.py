"""`omi config`: every setting, what it is and where that comes from."""

from collections.abc import Sequence

from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.table import Table

DEFAULT = "default"


class ShownSetting(Struct, frozen=True):
    """A setting as it may be shown."""

    variable: str
    value: str
    """Secrets are masked."""
    source: str
    """`default`, `environment`, `.env` or `omi.toml`."""


def show_settings(settings: Sequence[ShownSetting], console: Console) -> None:
    """Prints a table; what was set stands out."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("variable", "value", "source"):
        table.add_column(column, overflow="fold")
    for setting in settings:
        style = "dim" if setting.source == DEFAULT else "cyan"
        table.add_row(setting.variable, escape(setting.value), setting.source, style=style)
    console.print(table)
