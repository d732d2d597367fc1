import threading
from collections.abc import Callable

import anyio
import pytest

from adapters.outbound.speech_to_text.decoding_pool import Decoding, DecodingPool, Urgency
from domain.audio import AudioFrame
from domain.transcript import Word
from ports.errors import TemporarilyUnavailable


class Gate:
    """A decoder that waits until it may go on, and tells the order in which it was asked."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.started = threading.Semaphore(0)
        self.open = threading.Event()

    def __call__(self, utterance: AudioFrame) -> tuple[Word, ...]:
        self.order.append(utterance.start)
        self.started.release()
        self.open.wait(10)
        return (Word(str(utterance.start), utterance.start, utterance.start + 1),)

    async def wait_started(self) -> None:
        await anyio.to_thread.run_sync(self.started.acquire)


def submit(pool: DecodingPool, number: int, urgency: Urgency) -> Decoding:
    return pool.submit(AudioFrame(number, bytes(2)), urgency=urgency)


def failing(error: Exception) -> Callable[[AudioFrame], tuple[Word, ...]]:
    def decode(utterance: AudioFrame) -> tuple[Word, ...]:
        if utterance.start == 1:
            raise error
        return (Word("fine", utterance.start, utterance.end),)

    return decode


async def test_the_most_urgent_goes_first_then_the_oldest() -> None:
    gate = Gate()
    async with DecodingPool(gate, workers=1) as pool:
        first = submit(pool, 0, Urgency.GUESS)
        await gate.wait_started()
        rest = [submit(pool, 1, Urgency.GUESS), submit(pool, 2, Urgency.BACKLOG), submit(pool, 3, Urgency.FINAL)]
        rest.append(submit(pool, 4, Urgency.FINAL))
        gate.open.set()
        for decoding in [first, *rest]:
            await decoding.words()
    assert gate.order == [0, 3, 4, 2, 1]


async def test_as_many_are_decoded_at_once_as_there_are_workers() -> None:
    gate = Gate()
    async with DecodingPool(gate, workers=2) as pool:
        waiting = [submit(pool, number, Urgency.FINAL) for number in range(3)]
        await gate.wait_started()
        await gate.wait_started()
        assert sorted(gate.order) == [0, 1]
        gate.open.set()
        assert [(await decoding.words())[0].text for decoding in waiting] == ["0", "1", "2"]


async def test_what_was_dropped_is_never_decoded() -> None:
    gate = Gate()
    async with DecodingPool(gate, workers=1) as pool:
        first, dropped = submit(pool, 0, Urgency.FINAL), submit(pool, 1, Urgency.FINAL)
        await gate.wait_started()
        dropped.drop()
        gate.open.set()
        assert await dropped.words() == ()
        assert await first.words() != ()
        assert await submit(pool, 2, Urgency.GUESS).words() != ()
    assert gate.order == [0, 2]


async def test_who_stops_waiting_drops() -> None:
    gate = Gate()
    async with DecodingPool(gate, workers=1) as pool:
        first, second = submit(pool, 0, Urgency.FINAL), submit(pool, 1, Urgency.FINAL)
        await gate.wait_started()
        with anyio.move_on_after(0):
            await second.words()
        assert second.is_over
        gate.open.set()
        await first.words()
    assert gate.order == [0]


async def test_a_pool_is_busy_while_something_urgent_waits() -> None:
    gate = Gate()
    async with DecodingPool(gate, workers=1) as pool:
        submit(pool, 0, Urgency.FINAL)
        await gate.wait_started()
        submit(pool, 1, Urgency.GUESS)
        assert not pool.is_busy
        submit(pool, 2, Urgency.FINAL).drop()
        assert not pool.is_busy
        submit(pool, 3, Urgency.BACKLOG)
        assert pool.is_busy
        gate.open.set()


async def test_a_failure_reaches_only_who_waits_for_it() -> None:
    failure = TemporarilyUnavailable("the model failed")
    async with DecodingPool(failing(failure), workers=1) as pool:
        broken, fine = submit(pool, 1, Urgency.FINAL), submit(pool, 2, Urgency.FINAL)
        with pytest.raises(TemporarilyUnavailable):
            await broken.words()
        assert (await fine.words())[0].text == "fine"


async def test_closing_does_not_wait_for_a_thread_and_fails_what_waits() -> None:
    gate = Gate()
    with anyio.fail_after(2):
        async with DecodingPool(gate, workers=1) as pool:
            running, waiting = submit(pool, 0, Urgency.FINAL), submit(pool, 1, Urgency.FINAL)
            await gate.wait_started()
    gate.open.set()
    for decoding in (running, waiting):
        with pytest.raises(TemporarilyUnavailable):
            await decoding.words()
