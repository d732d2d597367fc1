"""Worker threads that decode utterances for all streams, the most urgent first."""

import heapq
from collections.abc import Callable
from enum import IntEnum
from itertools import count
from types import TracebackType

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup

from domain.audio import AudioFrame
from domain.transcript import Word
from ports.errors import AdapterError, TemporarilyUnavailable

Decode = Callable[[AudioFrame], tuple[Word, ...]]
"""Utterance -> words. Blocks. Raises AdapterError."""


class Urgency(IntEnum):
    """Who goes first."""

    FINAL = 0
    """Somebody waits for these words."""
    BACKLOG = 1
    """The stream is behind: more of it waits already."""
    GUESS = 2
    """Will be replaced soon anyway."""


class Decoding:
    """An utterance on its way through the pool."""

    def __init__(self, utterance: AudioFrame, urgency: Urgency) -> None:
        self.utterance = utterance
        self.urgency = urgency
        self._over = anyio.Event()
        self._words: tuple[Word, ...] = ()
        self._failure: AdapterError | None = None

    @property
    def is_over(self) -> bool:
        """Whether it was decoded, failed, or was dropped."""
        return self._over.is_set()

    def drop(self) -> None:
        """Nobody wants it any more. A thread that works on it goes on, unheard."""
        self._over.set()

    def succeed(self, words: tuple[Word, ...]) -> None:
        """The words were found."""
        self._words = words
        self._over.set()

    def fail(self, failure: AdapterError) -> None:
        """They could not be found."""
        self._failure = failure
        self._over.set()

    async def words(self) -> tuple[Word, ...]:
        """The words, once they are found; none when it was dropped. Leaving the wait drops it.

        Raises:
            AdapterError: decoding failed.
        """
        try:
            await self._over.wait()
        finally:
            self.drop()
        if self._failure is not None:
            raise self._failure
        return self._words


class DecodingPool:
    """A fixed number of workers and a queue ordered by urgency, then by age."""

    def __init__(self, decode: Decode, *, workers: int) -> None:
        self._decode = decode
        self._workers = workers
        self._queue: list[tuple[Urgency, int, Decoding]] = []
        self._age = count()
        self._tasks: TaskGroup
        self._queued: anyio.Semaphore
        self._threads: anyio.CapacityLimiter

    async def __aenter__(self) -> "DecodingPool":
        self._queued = anyio.Semaphore(0)
        self._threads = anyio.CapacityLimiter(self._workers)
        self._tasks = await anyio.create_task_group().__aenter__()
        for number in range(self._workers):
            self._tasks.start_soon(self._work, name=f"decoding worker {number}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        # The workers are told to stop, not what went wrong in the body: else its error would leave in a group.
        await self._tasks.__aexit__(None, None, None)
        for *_, decoding in self._queue:
            decoding.fail(TemporarilyUnavailable("the recognizer was closed"))
        self._queue.clear()

    @property
    def is_busy(self) -> bool:
        """Whether words that somebody waits for are themselves waiting for a worker."""
        return any(urgency < Urgency.GUESS and not decoding.is_over for urgency, _, decoding in self._queue)

    def submit(self, utterance: AudioFrame, *, urgency: Urgency) -> Decoding:
        """Queues an utterance."""
        decoding = Decoding(utterance, urgency)
        heapq.heappush(self._queue, (urgency, next(self._age), decoding))
        self._queued.release()
        return decoding

    async def _work(self) -> None:
        while True:
            await self._queued.acquire()
            *_, decoding = heapq.heappop(self._queue)
            if not decoding.is_over:
                await self._run(decoding)

    async def _run(self, decoding: Decoding) -> None:
        try:
            decoding.succeed(
                await anyio.to_thread.run_sync(
                    self._decode, decoding.utterance, limiter=self._threads, abandon_on_cancel=True
                )
            )
        except AdapterError as failure:
            decoding.fail(failure)
        finally:
            if not decoding.is_over:
                decoding.fail(TemporarilyUnavailable("the recognizer was closed"))
