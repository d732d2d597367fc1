"""What goes wrong at a simulated FAL, and with which request: read from a script.

[[faults]]
kind = "http_status"
when = "submit"
status = 429
times = 1               # the second one is answered

[[faults]]
kind = "no_ends"        # words without an end, as Whisper has them
"""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct


class FalFaultKind(StrEnum):
    """What goes wrong."""

    REFUSE = "refuse"
    """The connection is broken at once."""
    HANG = "hang"
    """The request is taken and never answered."""
    HTTP_STATUS = "http_status"
    """It is answered with `status`."""
    NEVER_DONE = "never_done"
    """A recording waits in the queue for good."""
    NONSENSE = "nonsense"
    """The answer is JSON, and something else."""
    ELSEWHERE = "elsewhere"
    """The addresses in the answer lead to another host."""
    NO_ENDS = "no_ends"
    """Each second word has no end."""
    NO_TIMES = "no_times"
    """Each second word has no times at all."""
    NO_VOICES = "no_voices"
    """Each second word has no voice."""


class FalMoment(StrEnum):
    """With which request it goes wrong."""

    SUBMIT = "submit"
    STATUS = "status"
    RESULT = "result"
    CANCEL = "cancel"


class FalFault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong."""

    kind: FalFaultKind
    when: FalMoment = FalMoment.SUBMIT
    times: int = 0
    """So often; 0: always."""
    status: int = 503


class FalScript(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that goes wrong."""

    faults: tuple[FalFault, ...] = ()
    looks: int = 2
    """So many times a recording is found unfinished."""


class FalFaults:
    """What still has to go wrong."""

    def __init__(self, faults: Iterable[FalFault]) -> None:
        self._left = [(fault, fault.times or None) for fault in faults]

    def begin(self, when: FalMoment) -> dict[FalFaultKind, FalFault]:
        """The faults of one more request of a kind."""
        found = {}
        left: list[tuple[FalFault, int | None]] = []
        for fault, times in self._left:
            here = fault.when is when
            if here:
                found[fault.kind] = fault
            rest = times - 1 if here and times else times
            if rest != 0:
                left.append((fault, rest))
        self._left = left
        return found


def read_fal_script(path: Path) -> FalScript:
    """A script from a TOML file.

    Raises:
        OSError: it cannot be read.
        msgspec.DecodeError: it is not a script; the message names the field.
    """
    return msgspec.toml.decode(path.read_bytes(), type=FalScript)
