"""How long a socket lasts where a proxy would end it, in the middle of a word."""

from collections.abc import Callable

from ports.clock import Clock

PAUSES_LOOKED_FOR = 60.0
"""Seconds before the end of a socket's time."""
LOOK_SECONDS = 0.2


async def grown_old(longest: float, *, clock: Clock, is_speaking: Callable[[], bool]) -> None:
    """Returns when a socket has lasted for so many seconds, or in a pause shortly before that."""
    pauses = min(PAUSES_LOOKED_FOR, longest / 2)
    await clock.sleep(longest - pauses)
    until = clock.monotonic() + pauses
    while is_speaking() and clock.monotonic() < until:
        await clock.sleep(LOOK_SECONDS)
