"""How an adapter does: what `omi doctor` and the readiness endpoint ask."""

from enum import StrEnum
from typing import Protocol, runtime_checkable

from msgspec import Struct


class Condition(StrEnum):
    """How it does."""

    WORKING = "working"
    DEGRADED = "degraded"
    BROKEN = "broken"


class Diagnosis(Struct, frozen=True, kw_only=True):
    """What was found."""

    condition: Condition
    finding: str
    """What it does or why it does not, in one line."""
    remedy: str = ""
    """What to do about it: a command or a setting."""


@runtime_checkable
class Diagnosable(Protocol):
    """An adapter that can tell how it does."""

    async def diagnose(self) -> Diagnosis:
        """Looks closely enough to be sure, within a few seconds. Does not raise."""
        ...
