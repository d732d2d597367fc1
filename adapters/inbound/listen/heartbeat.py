"""So that both sides of a socket know that the other is there."""

from collections.abc import Awaitable, Callable

from adapters.inbound.listen.generations import Generation
from ports.clock import Clock


async def beat(
    generation: Generation, *, clock: Clock, life: Callable[[], int], ping: Callable[[], Awaitable[object]]
) -> None:
    """Pings as often as these clients expect; returns when one has shown no life for longer than it may.

    Args:
        generation: of the client.
        clock: tells when.
        life: how many messages came so far.
        ping: sends one.
    """
    heard, since = -1, 0.0
    while True:
        await clock.sleep(generation.heartbeat)
        now = life()
        since = 0.0 if now != heard else since + generation.heartbeat
        heard = now
        if generation.patience is not None and since >= generation.patience:
            return
        await ping()
