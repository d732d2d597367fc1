"""One capture over a chain of recognizers: what one does not finish, another does.

```
frames ──> custody ─────> live leg ────────────────> words ──> client
                │            │ dies, stalls, refuses
                │            v
                ├──────> next live leg, from the last final word (short backlog)
                └──────> backlog: batch or a paced leg (long backlog), merged by capture time
```
"""

import math
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType

import anyio

from adapters.outbound.speech_to_text.failover.backlog import BatchPost
from adapters.outbound.speech_to_text.failover.conductor import Conductor
from adapters.outbound.speech_to_text.failover.custody import Custody
from adapters.outbound.speech_to_text.failover.post import Post
from application.listening.short_way import Taker, gave_straight
from domain.audio import AudioFrame
from domain.recognition import FinalWords, RecognitionEvent
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest


class Relay:
    """A `TranscriptionStream` that goes on while any recognizer of its chain works, and keeps audio until one does.

    It never raises for a recognizer's sake: trouble is told by `RecognizerChanged`. A recognizer is connected
    when there is something to hear, and what was said meanwhile is heard first.
    """

    def __init__(
        self,
        posts: Sequence[Post],
        *,
        request: TranscriptionRequest,
        batch: Sequence[BatchPost],
        clock: Clock,
        folder: Path | None,
    ) -> None:
        self._custody = Custody(folder=folder, hand_over=self._hand_over)
        self._conductor = Conductor(
            posts, custody=self._custody, request=request, batch=batch, clock=clock, emit=self._emit, over=self._end
        )
        self._is_over = False
        self._taker: Taker[RecognitionEvent] | None = None

    async def __aenter__(self) -> "Relay":
        self._send_event, self._events = anyio.create_memory_object_stream[RecognitionEvent](math.inf)
        self._work = await anyio.create_task_group().__aenter__()
        self._work.start_soon(self._conductor.run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        self._work.cancel_scope.cancel()
        try:
            # The tasks are told to stop, not what went wrong in the body: else its error would leave in a group.
            await self._work.__aexit__(None, None, None)
        finally:
            self._custody.kept.__exit__(kind, error, trace)
            self._send_event.close()
            self._events.close()

    async def send(self, frame: AudioFrame) -> None:
        """Keeps a frame and hands it to whoever listens. Never waits."""
        self.take(frame)

    def take(self, frame: AudioFrame) -> bool:
        """The same, without a task in between: always at once."""
        if frame.pcm:
            self._custody.keep(frame)
            self._conductor.hand_on(frame)
        return True

    async def finalize(self) -> None:
        """The speaker paused."""
        self._conductor.pause()

    async def send_eof(self) -> None:
        """Nothing more comes."""
        self._conductor.end()

    def hear_straight(self, taker: Taker[RecognitionEvent]) -> None:
        """Events go to whoever iterates without a task in between."""
        self._taker = taker

    def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        """The events; they end when every sample that was sent is finalized."""
        return self

    async def __anext__(self) -> RecognitionEvent:
        try:
            return await self._events.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None
        except anyio.ClosedResourceError:
            raise TemporarilyUnavailable("the stream was closed") from None

    def _end(self) -> None:
        """All was heard. Whoever is slow to leave delays nobody."""
        self._is_over = True
        self._send_event.close()

    def _hand_over(self, event: FinalWords) -> None:
        self._emit(event)
        self._conductor.look_again()

    def _emit(self, event: RecognitionEvent) -> None:
        """The queue has no bound, and whoever is late finds it closed."""
        if not self._is_over and not gave_straight(event, self._send_event, self._taker):
            self._send_event.send_nowait(event)
