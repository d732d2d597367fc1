"""When captures are judged: some at each step, each at every tick."""

from collections.abc import Iterable, Sequence

import anyio
from anyio.lowlevel import checkpoint

from adapters.outbound.voice_activity_detector.silero_model import (
    CONTEXT_BYTES,
    WINDOW_BYTES,
    SileroModel,
    Stretch,
)
from adapters.outbound.voice_activity_detector.silero_stream import SileroStream
from ports.errors import TemporarilyUnavailable

STEPS = 4
"""Of a tick. Captures keep the step they came in at, so that their work is spread over the tick."""

BATCH = 128
"""Windows that are judged in one go: two to three milliseconds. In the event loop, because a thread would wrestle with
it for the interpreter at every packet, which holds packets up for longer; with fewer, each window costs more."""


class SileroTicker:
    """Gathers the captures that have something to judge and judges them together.

    Steps lie on a grid, so that the time of the judging does not add up; what outlasts a step is followed by
    more at once. A capture is judged once a tick, at its own steps: all at once would hold up every packet that
    comes meanwhile. Captures that are pressing (flushed, or with more windows than one run takes) do not wait for
    the tick. Without audio the ticker sleeps and costs nothing.
    """

    def __init__(self, model: SileroModel, *, tick_seconds: float) -> None:
        self._model = model
        self._tick = tick_seconds
        self._step = tick_seconds / STEPS
        self._waiting: dict[SileroStream, None] = {}
        self._pressing: dict[SileroStream, None] = {}
        self._next: dict[SileroStream, float] = {}
        """When a capture may be judged again: a tick after it was, counted from the first time."""
        self._someone = anyio.Event()
        self._hurry = anyio.Event()

    def wait(self, stream: SileroStream) -> None:
        """A capture has a window to judge: it takes part in its next tick."""
        self._waiting[stream] = None
        self._someone.set()

    def press(self, stream: SileroStream) -> None:
        """A capture does not wait for the tick."""
        self._pressing[stream] = None
        self._hurry.set()
        self.wait(stream)

    def forget(self, stream: SileroStream) -> None:
        """A capture is gone."""
        self._next.pop(stream, None)
        self._drop(stream)

    async def run(self) -> None:
        """Ticks until canceled."""
        due = anyio.current_time()
        while True:
            await self._something(due)
            now = anyio.current_time()
            streams = list(self._pressing) if now < due else self._gathered(now)
            if now >= due:
                due += self._step * (1 + (now - due) // self._step)
            for stream in streams:
                self._drop(stream)
            await self._judge(streams)

    def _drop(self, stream: SileroStream) -> None:
        self._waiting.pop(stream, None)
        self._pressing.pop(stream, None)

    def _gathered(self, now: float) -> list[SileroStream]:
        """Whoever waits and has not been judged for a tick, and whoever is pressing."""
        gathered = []
        for stream in self._waiting:
            since = self._next.get(stream, now)
            if since <= now:
                self._next[stream] = since + self._tick * (1 + (now - since) // self._tick)
                gathered.append(stream)
            elif stream in self._pressing:
                gathered.append(stream)
        return gathered

    async def _something(self, due: float) -> None:
        """Waits for a capture that is pressing, or for the step and any capture at all."""
        if not self._waiting:
            self._someone = anyio.Event()
            await self._someone.wait()
        if not self._pressing and due > anyio.current_time():
            self._hurry = anyio.Event()
            with anyio.CancelScope(deadline=due):
                await self._hurry.wait()

    async def _judge(self, streams: Iterable[SileroStream]) -> None:
        """Judges a few at a time; whatever else is due comes in between."""
        batch: list[tuple[SileroStream, Stretch]] = []
        size = 0
        for stream in streams:
            stretch = stream.take()
            if stretch is None:
                continue
            batch.append((stream, stretch))
            size += (len(stretch.pcm) - CONTEXT_BYTES) // WINDOW_BYTES
            if size >= BATCH:
                await self._run(batch)
                batch, size = [], 0
        if batch:
            await self._run(batch)

    async def _run(self, batch: Sequence[tuple[SileroStream, Stretch]]) -> None:
        await checkpoint()
        try:
            judgments = self._model.judge([stretch for _, stretch in batch])
        except TemporarilyUnavailable as failure:
            for stream, _ in batch:
                stream.fail(failure)
            return
        for (stream, _), judgment in zip(batch, judgments, strict=True):
            stream.accept(judgment)
