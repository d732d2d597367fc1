"""What recognition cost, and whom."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from domain.ids import UserId


class Billing(StrEnum):
    """What a vendor charges for."""

    NOTHING = "nothing"
    """It runs on our own machine."""
    AUDIO = "audio"
    """Audio that was sent. Silence on an open connection is free."""
    CONNECTION = "connection"
    """Time that a connection is open, audio or not."""


class Usage(Struct, frozen=True, kw_only=True):
    """One connection to a recognizer. Times in seconds."""

    user: UserId
    recognizer: str
    started_at: datetime
    open_seconds: float
    """How long the connection was open."""
    audio_seconds: float
    """How much audio went over it."""
    billed_seconds: float
    """How much of either the vendor charges."""
    micro_dollars: int
    """What that costs, in millionths of a dollar: whole numbers add up."""


def billed(billing: Billing, *, audio: float, opened: float, least: float) -> float:
    """Seconds that a vendor charges for one connection.

    Args:
        billing: what it charges for.
        audio: seconds of audio that were sent.
        opened: seconds that the connection was open.
        least: seconds that it charges at least.
    """
    match billing:
        case Billing.NOTHING:
            return 0.0
        case Billing.AUDIO:
            return max(audio, least)
        case Billing.CONNECTION:
            return max(opened, least)


def price(seconds: float, *, dollars_per_hour: float) -> int:
    """Micro-dollars for a time, rounded to the next whole one."""
    return round(seconds * dollars_per_hour * 1_000_000 / 3600)
