"""The outbox between the gate and the recognizer."""

from collections.abc import Callable

import anyio

from application.listening.outbox import END, PAUSE, Outbox, OutboxItem, straight_to
from domain.audio import AudioFrame


def frame(number: int) -> AudioFrame:
    return AudioFrame(number * 160, bytes(320))


class Taker:
    """Takes what comes, by its task and by the short way."""

    def __init__(self, *, is_ready: Callable[[], bool] = lambda: True) -> None:
        self.outbox = Outbox()
        self.came: list[OutboxItem] = []
        self.at_once = 0
        self._is_ready = is_ready

    def take(self, frame: AudioFrame) -> bool:
        if self._is_ready():
            self.came.append(frame)
            self.at_once += 1
            return True
        return False

    async def run(self) -> None:
        with self.outbox.opened(straight_to(self)):
            while not self.came or self.came[-1] is not END:
                self.came.append(await self.outbox.take())


async def test_audio_goes_straight_while_the_task_waits():
    taker = Taker()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(taker.run)
        await anyio.wait_all_tasks_blocked()
        taker.outbox.put(frame(0))
        assert taker.came == [frame(0)]
        assert taker.outbox.backlog == 0
        taker.outbox.mark(END)

    assert taker.came == [frame(0), END]


async def test_audio_behind_a_mark_stays_behind_it():
    taker = Taker()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(taker.run)
        await anyio.wait_all_tasks_blocked()
        taker.outbox.put(frame(0))
        taker.outbox.mark(PAUSE)
        taker.outbox.put(frame(1))
        taker.outbox.mark(END)

    assert taker.came == [frame(0), PAUSE, frame(1), END]
    assert taker.at_once == 1


async def test_what_is_not_taken_at_once_comes_by_the_task():
    ready = iter([True, False, True])
    taker = Taker(is_ready=lambda: next(ready))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(taker.run)
        await anyio.wait_all_tasks_blocked()
        taker.outbox.put(frame(0))
        taker.outbox.put(frame(1))
        taker.outbox.put(frame(2))
        await anyio.wait_all_tasks_blocked()
        taker.outbox.put(frame(3))
        taker.outbox.mark(END)

    assert taker.came == [frame(0), AudioFrame(160, bytes(640)), frame(3), END]
    assert taker.at_once == 2


async def test_nothing_goes_straight_before_and_after_the_taking():
    taker = Taker()
    taker.outbox.put(frame(0))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(taker.run)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    taker.outbox.put(frame(1))

    assert taker.came == [frame(0)]
    assert taker.at_once == 0
    assert taker.outbox.backlog == 160
