"""When the next packet is due: as from a device that speaks live, without drift."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import anyio

from adapters.inbound.command_line.packets import duration
from domain.audio import Codec

PACKETS_BETWEEN_TURNS = 32
"""Sent in a row before others get their turn, when nothing has to be waited for."""


async def paced(
    packets: Iterable[bytes],
    codec: Codec,
    *,
    speed: float,
    monotonic: Callable[[], float] = anyio.current_time,
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
) -> AsyncIterator[tuple[bytes, float]]:
    """The packets, each when it is due, with the position in seconds behind it.

    A packet is due when the device would have finished recording it. Every pause is counted from the start, so
    that a late one is made up for by the next.

    Args:
        packets: what is to be sent.
        codec: how it is encoded; tells how long each lasts.
        speed: times real time; 0 for as fast as it is taken.
        monotonic: the clock, seconds.
        sleep: waits.
    """
    started, position = monotonic(), 0.0
    for number, packet in enumerate(packets):
        position += duration(packet, codec)
        early = started + position / speed - monotonic() if speed else 0.0
        if early > 0:
            await sleep(early)
        elif number % PACKETS_BETWEEN_TURNS == 0:
            await sleep(0)
        yield packet, position
