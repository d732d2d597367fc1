"""Packets leave when they are due."""

import pytest

from adapters.inbound.command_line.pace import paced
from domain.audio import Codec

PACKET = bytes(40)


class Timer:
    """A clock that waits longer than it was asked to."""

    def __init__(self, *, late: float) -> None:
        self.now = 100.0
        self._late = late

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + (self._late if seconds else 0)


async def sent(speed: float, *, late: float = 0.0) -> list[float]:
    """Moments at which a second of Opus leaves, from the start."""
    timer = Timer(late=late)
    packets = paced([PACKET] * 100, Codec.OPUS, speed=speed, monotonic=timer.monotonic, sleep=timer.sleep)
    return [timer.now - 100 async for _ in packets]


async def test_a_packet_leaves_when_it_would_have_been_recorded() -> None:
    moments = await sent(1)
    assert moments[0] == pytest.approx(0.01)
    assert moments[-1] == pytest.approx(1)


async def test_being_late_does_not_add_up() -> None:
    assert (await sent(1, late=0.004))[-1] == pytest.approx(1, abs=0.01)


async def test_speed_shortens_the_time() -> None:
    assert (await sent(4))[-1] == pytest.approx(0.25)


async def test_without_a_speed_nothing_is_waited_for() -> None:
    assert (await sent(0))[-1] == 0


async def test_the_position_is_that_behind_the_packet() -> None:
    timer = Timer(late=0)
    pairs = paced([PACKET] * 3, Codec.OPUS_FS320, speed=1, monotonic=timer.monotonic, sleep=timer.sleep)
    assert [position async for _, position in pairs] == pytest.approx([0.02, 0.04, 0.06])
