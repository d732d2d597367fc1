"""Captures that have something to judge, gathered for runs of pyannote's model."""

import anyio
import anyio.to_thread

from adapters.outbound.voice_activity_detector.pyannote_model import PyannoteModel
from adapters.outbound.voice_activity_detector.pyannote_stream import PyannoteStream
from ports.errors import TemporarilyUnavailable


class PyannoteRounds:
    """Judges a step of each capture that waits, then of those that came meanwhile, and so on.

    A round takes the longer the more captures there are, and then gathers more of them: nobody waits for a tick.
    """

    def __init__(self, model: PyannoteModel, *, batch: int) -> None:
        self._model = model
        self._batch = batch
        self._limiter = anyio.CapacityLimiter(1)
        self._waiting: dict[PyannoteStream, None] = {}
        self._someone = anyio.Event()
        self._closed: TemporarilyUnavailable | None = None

    def join(self, stream: PyannoteStream) -> None:
        """A capture has something to judge: it takes part in the next round that has room."""
        if self._closed:
            stream.fail(self._closed)
            return
        self._waiting[stream] = None
        self._someone.set()

    def forget(self, stream: PyannoteStream) -> None:
        """A capture is gone."""
        self._waiting.pop(stream, None)

    def close(self) -> None:
        """No rounds any more. Whoever joins learns it."""
        self._closed = TemporarilyUnavailable("voice activity detection was closed")

    async def run(self) -> None:
        """Rounds until canceled."""
        while True:
            if not self._waiting:
                self._someone = anyio.Event()
                await self._someone.wait()
            streams = list(self._waiting)[: self._batch]
            for stream in streams:
                del self._waiting[stream]
            await self._judge(streams)

    async def _judge(self, streams: list[PyannoteStream]) -> None:
        asked = [(stream, question) for stream in streams if (question := stream.question())]
        if not asked:
            return
        stretches, windows = [q.stretch for _, q in asked], [q.windows for _, q in asked]
        try:
            judged = await anyio.to_thread.run_sync(self._model.judge, stretches, windows, limiter=self._limiter)
        except TemporarilyUnavailable as failure:
            for stream, _ in asked:
                stream.fail(failure)
            return
        for (stream, _), probabilities in zip(asked, judged, strict=True):
            stream.accept(probabilities)
