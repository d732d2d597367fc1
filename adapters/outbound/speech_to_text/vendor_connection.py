"""What the adapter of a vendor supplies to have its stream."""

import math
from collections.abc import AsyncIterator
from typing import Protocol

from msgspec import Struct

from adapters.outbound.speech_to_text.leg import Leg
from domain.recognition import FinalWords, InterimWords


class VendorConnection(Protocol):
    """An open connection that speaks a vendor's protocol. One task sends, one task receives.

    All methods raise TemporarilyUnavailable or Rejected, in words of their own, and nothing else.
    """

    async def send_audio(self, pcm: bytes) -> None:
        """Sends samples: mono, signed 16-bit little-endian, 16 kHz. Never empty."""
        ...

    async def send_keep_alive(self) -> None:
        """Tells that the connection is still wanted."""
        ...

    async def send_finalize(self) -> None:
        """Asks for final words on all that was sent."""
        ...

    async def send_end(self) -> None:
        """Tells that no audio will come any more."""
        ...

    def receive(self, leg: Leg) -> AsyncIterator[FinalWords | InterimWords]:
        """What the vendor says, put on the clock of the capture by the leg.

        Ends when the vendor has confirmed that it is done. An end without this confirmation is a failure.
        """
        ...


class Pace(Struct, frozen=True, kw_only=True):
    """How long a vendor may take, and how long it bears silence."""

    keep_alive: float = math.inf
    """Seconds without anything sent after which the connection is kept alive."""
    send_timeout: float = 10.0
    """Seconds one message may take to leave."""
    finish_timeout: float = 10.0
    """Seconds without an event, after the end was told, until the vendor counts as hung."""
