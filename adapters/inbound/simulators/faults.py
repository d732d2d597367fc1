"""What goes wrong with a simulated vendor, and when: read from a script, so that a failure can be had at will.

idle_seconds = 10

[[faults]]
kind = "close"          # a session of at most a minute, on the first connection
after_seconds = 60
connections = [1]

[[faults]]
kind = "silent"         # keep-alives are taken, but the session is dead
when = "silence"
"""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct


class FaultKind(StrEnum):
    """What goes wrong."""

    REFUSE = "refuse"
    """The connection is reset at once."""
    NO_HANDSHAKE = "no_handshake"
    """The connection is accepted and never answered."""
    HTTP_STATUS = "http_status"
    """The request is answered with `status` instead of an upgrade."""
    CLOSE = "close"
    """The session is closed with `code` and `reason`."""
    ABORT = "abort"
    """The connection breaks without a farewell."""
    SILENT = "silent"
    """Everything is taken, nothing is said any more."""
    NO_FINALS = "no_finals"
    """Guesses go on, final words do not come any more."""
    HALF_OPEN = "half_open"
    """The peer is gone and nobody was told: what is sent goes nowhere."""
    SLOW_READER = "slow_reader"
    """Nothing is read any more: the window closes."""
    DUPLICATE_FINALS = "duplicate_finals"
    """Each final result comes twice."""
    SWAPPED_FINALS = "swapped_finals"
    """Each second final result comes before the first."""
    STAMPS_BEYOND = "stamps_beyond"
    """Times lie ten seconds behind the audio that was sent."""
    ERROR_MESSAGE = "error_message"
    """An error is reported within the session, which is then closed with `code`."""


class Moment(StrEnum):
    """When it goes wrong."""

    CONNECTING = "connecting"
    """Before the session is open."""
    AUDIO = "audio"
    """Once `after_seconds` of audio have come; at once when that is 0."""
    SILENCE = "silence"
    """When the first keep-alive comes."""
    CLOSING = "closing"
    """When the client says that no more comes."""


_AT_CONNECTING = frozenset({FaultKind.REFUSE, FaultKind.NO_HANDSHAKE, FaultKind.HTTP_STATUS})


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong."""

    kind: FaultKind
    when: Moment = Moment.AUDIO
    after_seconds: float = 0.0
    """Of audio; for `when = "audio"`."""
    connections: tuple[int, ...] = ()
    """Which connections, counted from 1; none named: all."""
    status: int = 503
    code: int = 1011
    reason: str = "NET-0000"

    @property
    def moment(self) -> Moment:
        """When: what prevents a session can only happen while connecting."""
        return Moment.CONNECTING if self.kind in _AT_CONNECTING else self.when


class FaultScript(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that goes wrong."""

    faults: tuple[Fault, ...] = ()
    idle_seconds: float = 10.0
    """Seconds without anything from the client after which the vendor hangs up."""

    def of_connection(self, number: int) -> "ConnectionFaults":
        """What goes wrong on one connection."""
        return ConnectionFaults(f for f in self.faults if not f.connections or number in f.connections)


class ConnectionFaults:
    """What still has to go wrong on a connection, and what does."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._ahead = list(faults)
        self._now: set[FaultKind] = set()

    def __contains__(self, kind: FaultKind) -> bool:
        return kind in self._now

    def begin(self, moment: Moment, *, audio_seconds: float = 0.0) -> tuple[Fault, ...]:
        """The faults that begin now; those that last are in force from here on."""
        due = tuple(f for f in self._ahead if f.moment is moment and f.after_seconds <= audio_seconds)
        self._ahead = [fault for fault in self._ahead if fault not in due]
        self._now.update(fault.kind for fault in due)
        return due


def read_script(path: Path) -> FaultScript:
    """A script from a TOML file.

    Raises:
        OSError: it cannot be read.
        msgspec.DecodeError: it is not a script; the message names the field.
    """
    return msgspec.toml.decode(path.read_bytes(), type=FaultScript)
