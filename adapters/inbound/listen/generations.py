"""What clients of different years expect of a socket, by its path."""

from collections.abc import Callable

from msgspec import Struct, structs

from adapters.inbound.listen import greeting, wire, wire_v2, wire_v4
from domain.session import SessionEvent

Encode = Callable[[SessionEvent], str | None]
"""An event in the words of one generation of clients; None when it is not told of it."""


class Generation(Struct, frozen=True, kw_only=True):
    """Clients that are spoken to alike."""

    encoded: Encode
    ping: str = wire.PING
    """What is sent now and then, so that both sides know that the other is there."""
    heartbeat: float = 30.0
    """Seconds between two pings."""
    patience: float | None = None
    """Seconds without any message after which a client is taken for gone; None: it may be silent for ever."""
    greeting: tuple[str, ...] = ()
    """What it is told while its session is opened; then it waits for `ready`. Empty: it waits for nothing."""
    is_pinged_at_once: bool = False
    """It is told a ping as soon as there is a session."""
    sends_token: bool = False
    """It cannot set headers: the token comes in the first message."""

    @property
    def is_greeted(self) -> bool:
        """It waits to be told that the service is `ready`."""
        return bool(self.greeting)


PRESENT = Generation(
    encoded=wire_v4.encoded,
    ping="ping",
    heartbeat=10.0,
    patience=90.0,
    greeting=greeting.PRESENT,
    is_pinged_at_once=True,
)

GENERATIONS: dict[str, Generation] = {
    "/listen": Generation(encoded=wire.encoded),
    "/v2/listen": Generation(encoded=wire_v2.encoded),
    "/v3/listen": structs.replace(PRESENT, encoded=wire_v2.encoded, greeting=greeting.OF_2025),
    "/v4/listen": PRESENT,
    "/v4/web/listen": structs.replace(PRESENT, sends_token=True),
}
"""Path -> its clients."""
