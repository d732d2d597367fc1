"""When captures are judged: together, at every tick."""

import anyio
import anyio.to_thread

from adapters.outbound.voice_activity_detector.silero_model import SileroModel
from adapters.outbound.voice_activity_detector.silero_stream import SileroStream
from ports.errors import TemporarilyUnavailable


class SileroTicker:
    """Gathers the captures that have something to judge and judges them in one hop to a thread.

    Ticks lie on a grid, so that the time a hop takes does not add up; a hop that outlasts a tick is followed by
    a larger one. Captures that are pressing (flushed, or with more windows than one hop takes) do not wait for
    the tick. Without audio the ticker sleeps and costs nothing.
    """

    def __init__(self, model: SileroModel, *, tick_seconds: float) -> None:
        self._model = model
        self._tick = tick_seconds
        self._limiter = anyio.CapacityLimiter(1)
        self._waiting: dict[SileroStream, None] = {}
        self._pressing: dict[SileroStream, None] = {}
        self._someone = anyio.Event()
        self._hurry = anyio.Event()

    def wait(self, stream: SileroStream) -> None:
        """A capture has a window to judge: it takes part in the next tick."""
        self._waiting[stream] = None
        self._someone.set()

    def press(self, stream: SileroStream) -> None:
        """A capture does not wait for the tick."""
        self._pressing[stream] = None
        self._hurry.set()
        self.wait(stream)

    def forget(self, stream: SileroStream) -> None:
        """A capture is gone."""
        self._waiting.pop(stream, None)
        self._pressing.pop(stream, None)

    async def run(self) -> None:
        """Ticks until canceled."""
        due = anyio.current_time()
        while True:
            await self._something(due)
            late = anyio.current_time() - due
            streams = list(self._pressing if late < 0 else self._waiting)
            if late >= 0:
                due += late + self._tick - late % self._tick
            for stream in streams:
                self.forget(stream)
            await self._judge(streams)

    async def _something(self, due: float) -> None:
        """Waits for a capture that is pressing, or for the tick and any capture at all."""
        if not self._waiting:
            self._someone = anyio.Event()
            await self._someone.wait()
        if not self._pressing and due > anyio.current_time():
            self._hurry = anyio.Event()
            with anyio.CancelScope(deadline=due):
                await self._hurry.wait()

    async def _judge(self, streams: list[SileroStream]) -> None:
        taken = [(stream, stretch) for stream in streams if (stretch := stream.take())]
        if not taken:
            return
        stretches = [stretch for _, stretch in taken]
        try:
            judgments = await anyio.to_thread.run_sync(self._model.judge, stretches, limiter=self._limiter)
        except TemporarilyUnavailable as failure:
            for stream, _ in taken:
                stream.fail(failure)
            return
        for (stream, _), judgment in zip(taken, judgments, strict=True):
            stream.accept(judgment)
