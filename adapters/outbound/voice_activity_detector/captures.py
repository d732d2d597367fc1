"""Captures that one task judges together: it is started and ended here, and they learn of its end."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar

import anyio
import anyio.abc

from ports.errors import TemporarilyUnavailable


class JudgedStream(Protocol):
    """A capture's side of it."""

    def fail(self, failure: TemporarilyUnavailable) -> None:
        """Whoever waits for a judgment learns why there is none."""

    def leave(self) -> None:
        """Nobody listens any more."""


S = TypeVar("S", bound=JudgedStream)


class Captures(Generic[S]):
    """Those that are live."""

    def __init__(self) -> None:
        self._streams: set[S] = set()
        self._tasks: anyio.abc.TaskGroup | None = None

    async def open(self, judge: Callable[[], Coroutine[object, object, None]]) -> None:
        """Starts to judge."""
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(judge, name="voice activity")

    async def close(self) -> None:
        """Judges no more. Whoever still waits for a judgment learns it."""
        tasks, self._tasks = self._tasks, None
        for stream in self._streams:
            stream.fail(TemporarilyUnavailable("voice activity detection was closed"))
        if tasks:
            tasks.cancel_scope.cancel()
            # Not told of the error: a task group would wrap it, and it goes on by itself.
            await tasks.__aexit__(None, None, None)

    @asynccontextmanager
    async def joined(self, stream: S, *, forget: Callable[[S], None]) -> AsyncIterator[S]:
        """A capture among them. `forget` tells the judge that it is gone."""
        self._streams.add(stream)
        try:
            yield stream
        finally:
            stream.leave()
            self._streams.discard(stream)
            forget(stream)
