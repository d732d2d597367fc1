"""The short way into a vendor's stream."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from adapters.outbound.speech_to_text.leg import Leg, LegResult
from adapters.outbound.speech_to_text.vendor_connection import Pace
from adapters.outbound.speech_to_text.vendor_stream import VendorStream
from domain.audio import AudioFrame, seconds
from domain.recognition import FinalWords, InterimWords
from ports.errors import TemporarilyUnavailable


class Connection:
    """A vendor that hears nothing and confirms the end; it may stop to take audio, or break off."""

    def __init__(self) -> None:
        self.audio = bytearray()
        self.takes = anyio.Event()
        self.takes.set()
        self.broken = anyio.Event()
        self._ended = anyio.Event()

    async def send_audio(self, pcm: bytes) -> None:
        await self.takes.wait()
        self.audio += pcm

    async def send_keep_alive(self) -> None: ...

    async def send_finalize(self) -> None: ...

    async def send_end(self) -> None:
        self._ended.set()

    async def receive(self, leg: Leg) -> AsyncIterator[FinalWords | InterimWords]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._break)
            await self._ended.wait()
            tasks.cancel_scope.cancel()
        for event in leg.final(LegResult(words=(), start=0.0, end=seconds(leg.sent))):
            yield event

    async def _break(self) -> None:
        await self.broken.wait()
        self._ended.set()


@asynccontextmanager
async def opened(connection: Connection) -> AsyncIterator[VendorStream]:
    async with VendorStream(connection, recognizer="vendor", pace=Pace()) as stream:
        await anyio.wait_all_tasks_blocked()
        yield stream


def frame(number: int) -> AudioFrame:
    return AudioFrame(number * 160, number.to_bytes(2, "little") * 160)


async def test_what_is_taken_and_what_is_sent_arrives_in_order():
    connection = Connection()
    with anyio.fail_after(5):
        async with opened(connection) as stream:
            for number in range(0, 10, 2):
                assert stream.take(frame(number))
                await stream.send(frame(number + 1))
            await stream.send_eof()
            events = [event async for event in stream]

    assert connection.audio == b"".join(frame(number).pcm for number in range(10))
    assert events[-1].through == 1_600


async def test_a_vendor_that_is_behind_takes_nothing_at_once():
    connection = Connection()
    connection.takes = anyio.Event()
    with anyio.fail_after(5):
        async with opened(connection) as stream:
            taken = 0
            while stream.take(frame(taken)):
                taken += 1
                await anyio.wait_all_tasks_blocked()
            connection.takes.set()
            await stream.send(frame(taken))
            await stream.send_eof()
            async for _ in stream:
                pass

    assert connection.audio == b"".join(frame(number).pcm for number in range(taken + 1))


async def test_after_a_failure_nothing_is_taken_and_sending_tells_why():
    connection = Connection()
    with anyio.fail_after(5):
        async with opened(connection) as stream:
            connection.broken.set()
            await anyio.wait_all_tasks_blocked()
            assert not stream.take(frame(0))
            with pytest.raises(TemporarilyUnavailable, match="before the capture ended"):
                await stream.send(frame(0))


async def test_what_does_not_follow_is_not_taken():
    async with opened(Connection()) as stream:
        assert stream.take(frame(5))
        assert not stream.take(frame(4))
