"""Past a queue: at once where its taker waits, and never past what is in line."""

from collections.abc import AsyncIterator

import anyio
import pytest
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from application.listening.short_way import gave_straight, hear_straight

Ends = tuple[MemoryObjectSendStream[int], MemoryObjectReceiveStream[int]]


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    send, receive = anyio.create_memory_object_stream[int](10)
    with send, receive:
        yield send, receive


async def test_what_waits_is_given_straight_and_in_order(ends: Ends) -> None:
    send, receive = ends
    taken: list[int] = []

    def take(item: int) -> bool:
        taken.append(item)
        return True

    async def iterate() -> None:
        while True:
            try:
                take(await receive.receive())
            except anyio.EndOfStream:
                return

    async with anyio.create_task_group() as tasks:
        assert not gave_straight(0, send, take)  # nobody waits yet
        send.send_nowait(0)
        tasks.start_soon(iterate)
        await anyio.wait_all_tasks_blocked()
        assert gave_straight(1, send, take)
        send.send_nowait(2)
        assert not gave_straight(3, send, take)  # the taker was handed 2 and has not run yet
        send.send_nowait(3)
        await anyio.wait_all_tasks_blocked()
        assert gave_straight(4, send, take)
        send.close()
    assert taken == [0, 1, 2, 3, 4]


async def test_what_a_taker_does_not_take_is_left_for_the_queue(ends: Ends) -> None:
    send, receive = ends
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(receive.receive)
        await anyio.wait_all_tasks_blocked()
        assert not gave_straight(1, send, lambda _: False)
        assert not gave_straight(1, send, None)
        tasks.cancel_scope.cancel()


def test_a_stream_that_knows_no_short_way_is_iterated_over() -> None:
    hear_straight(object(), lambda _: True)
