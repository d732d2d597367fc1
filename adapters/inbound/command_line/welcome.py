"""What `omi serve` says once it listens: where, and what to do first."""

from msgspec import Struct

DOCUMENTATION = "/documentation"


class Welcome(Struct, frozen=True, kw_only=True):
    """What whoever started the server needs to know."""

    address: str
    """`http://127.0.0.1:8000`."""
    seconds: float
    """How long the start took."""
    user: str
    token: str | None
    """Of that user; None where tokens are given out elsewhere."""
    try_it: str
    """A line to paste."""


def welcome_lines(welcome: Welcome, *, colors: bool) -> list[str]:
    """The lines, in colors for a terminal."""
    bold, dim, off = ("\033[1m", "\033[2m", "\033[0m") if colors else ("", "", "")
    lines = [
        f"{bold}Omi listens on {welcome.address}{off}  {dim}started in {welcome.seconds:.2f} s{off}",
        f"  interface  {welcome.address}{DOCUMENTATION}",
    ]
    if welcome.token is not None:
        lines.append(f"  token      {welcome.token}  {dim}for user {welcome.user}{off}")
    return [*lines, f"  try it     {bold}{welcome.try_it}{off}"]
