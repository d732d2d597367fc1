"""Where commands print."""

import sys

from rich.console import Console

WIDE = 400
"""Characters of a line where nobody looks at it on a screen: programs want a line to be a line."""


def console() -> Console:
    """Standard output: in colors on a terminal, plain everywhere else."""
    return Console(highlight=False) if sys.stdout.isatty() else Console(width=WIDE, highlight=False)
