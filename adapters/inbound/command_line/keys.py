"""How things stand with the keys of users, as people and programs read it."""

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ports.vault import VaultState


def state_on_wire(state: VaultState) -> dict[str, object]:
    """For programs."""
    return {
        "users": state.users,
        "data_keys": state.data_keys,
        "to_rewrap": state.to_rewrap,
        "newest_keys_since": state.oldest,
        "master_key": state.master,
        "kept_in": state.kept_in,
    }


def show_state(state: VaultState, console: Console) -> None:
    """For people."""
    table = Table.grid(padding=(0, 2))
    since = f"{state.oldest:%Y-%m-%d %H:%M} UTC or later" if state.oldest else "-"
    rotation = f"not ended for {state.to_rewrap:,}: omi keys rotate" if state.to_rewrap else "ended"
    for name, value in (
        ("users with keys", f"{state.users:,}"),
        ("keys of users", f"{state.data_keys:,}"),
        ("newest ones since", since),
        ("master key", state.master or "-"),
        ("rotation", rotation if state.users else "-"),
        ("kept", state.kept_in),
    ):
        table.add_row(name, escape(value))
    console.print(table)


def show_sealed(seen: Mapping[str, int], sealed: Mapping[str, int], console: Console, *, users: int) -> None:
    """How much was looked at in each store, and how much of it was sealed anew."""
    table = Table(title=f"Users: {users:,}", title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    table.add_column("looked at", justify="right")
    table.add_column("sealed", justify="right")
    for store, number in seen.items():
        table.add_row(escape(store), f"{number:,}", f"{sealed[store]:,}")
    console.print(table)
