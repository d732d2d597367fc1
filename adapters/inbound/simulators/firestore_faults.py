"""What goes wrong with a simulated Firestore, and with which call: read from a script.

latency_seconds = 0.03

[[faults]]
kind = "status"
status = "UNAVAILABLE"
methods = ["Commit"]
calls = [1, 2]          # of each method, counted from 1; none named: all

[[faults]]
kind = "lost_answer"    # done, and then nobody hears of it
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct


class FirestoreFaultKind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    """The call is answered with `status`, and nothing is done."""
    HANG = "hang"
    """The call is never answered, and nothing is done."""
    LOST_ANSWER = "lost_answer"
    """The call is done and then answered with `status`."""


class FirestoreStatus(StrEnum):
    """Answers that are none."""

    UNAVAILABLE = "UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    ABORTED = "ABORTED"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    INTERNAL = "INTERNAL"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    NOT_FOUND = "NOT_FOUND"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"


class FirestoreFault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong."""

    kind: FirestoreFaultKind = FirestoreFaultKind.STATUS
    status: FirestoreStatus = FirestoreStatus.UNAVAILABLE
    methods: tuple[str, ...] = ()
    """Such as `Commit`; none named: all."""
    calls: tuple[int, ...] = ()
    """Which calls of a method, counted from 1; none named: all."""


class FirestoreScript(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that goes wrong."""

    faults: tuple[FirestoreFault, ...] = ()
    latency_seconds: float = 0.0
    """Before each call is looked at."""

    def of_call(self, method: str, *, calls: Mapping[str, int]) -> FirestoreFault | None:
        """What goes wrong with a call.

        Args:
            method: of the call.
            calls: method -> calls so far, this one among them.
        """
        return next((f for f in self.faults if _is_meant(f, method, calls.get(method, 0))), None)


def _is_meant(fault: FirestoreFault, method: str, number: int) -> bool:
    return (not fault.methods or method in fault.methods) and (not fault.calls or number in fault.calls)


def read_firestore_script(path: Path) -> FirestoreScript:
    """A script from a TOML file.

    Raises:
        OSError: it cannot be read.
        msgspec.DecodeError: it is not a script; the message names the field.
    """
    return msgspec.toml.decode(path.read_bytes(), type=FirestoreScript)
