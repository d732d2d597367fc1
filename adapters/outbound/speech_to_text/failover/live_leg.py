"""One recognizer at work on the live audio of a capture, watched."""

import math
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio

from adapters.outbound.speech_to_text.failover.breaker import Breaker
from adapters.outbound.speech_to_text.failover.pacing import Pacing
from adapters.outbound.speech_to_text.failover.patience import Patience
from application.outbox import END, PAUSE, Outbox, Pause
from domain.audio import AudioFrame
from domain.recognition import FinalWords, RecognitionEvent
from ports.clock import Clock
from ports.errors import AdapterError, TemporarilyUnavailable, cause
from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream

CONNECT_SECONDS = 5.0
"""For the whole way to a recognizer that takes audio: name, TCP, TLS, upgrade, first message."""

LOOK_SECONDS = 0.25
SHORTEST_LOOK = 0.01


class Post:
    """A recognizer of the chain, and what the sessions of this process know of it."""

    def __init__(self, recognizer: SpeechToText, *, clock: Clock) -> None:
        self.recognizer = recognizer
        self.breaker = Breaker(monotonic=clock.monotonic)
        self.patience = Patience(recognizer.terms.patience)

    @property
    def name(self) -> str:
        """Of the recognizer."""
        return self.recognizer.name

    @asynccontextmanager
    async def connected(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        """An open stream, within the budget.

        Raises:
            TemporarilyUnavailable, Rejected: as the port says; also when the budget is used up.
        """
        try:
            with anyio.fail_after(CONNECT_SECONDS) as budget:
                async with self.recognizer.open_stream(request) as stream:
                    budget.deadline = math.inf  # from here on there is no hurry
                    yield stream
        except TimeoutError:
            if not budget.cancelled_caught:
                raise
            raise TemporarilyUnavailable(f"{self.name} did not answer within {CONNECT_SECONDS:g} s") from None


class LiveLeg:
    """Gives a recognizer the audio from a position on, and says when it has stopped to listen.

    Health is progress: a recognizer that has had audio for longer than it usually takes, and has not finalized
    it, is gone, whatever its connection says.
    """

    def __init__(self, post: Post, *, since: int, clock: Clock, take: "Take") -> None:
        """A leg that has heard nothing.

        Args:
            post: whose recognizer.
            since: position from which on its words count; audio before it only helps it to get going.
            clock: for the watch.
            take: gets each of its events.
        """
        self.post = post
        self.since = since
        self.until: int | None = None
        """Position up to which its words count; None while it has the live audio."""
        self._clock = clock
        self._take = take
        self._outbox = Outbox()
        self._pacing = Pacing(post.recognizer.terms.replay_speed, clock=clock)
        self._unheard: deque[tuple[int, float]] = deque()
        self._ended = False
        self._opened = clock.monotonic()

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return self._clock.monotonic() - self._opened

    def send(self, frame: AudioFrame) -> None:
        """Takes audio. Never waits."""
        self._outbox.put(frame)

    def pause(self) -> None:
        """The speaker paused."""
        self._outbox.mark(PAUSE)

    def end(self, *, until: int | None = None) -> None:
        """No more audio comes, and words behind a position belong to another leg."""
        self.until = until
        if not self._ended:
            self._ended = True
            self._outbox.mark(END)

    async def run(self, stream: TranscriptionStream) -> None:
        """Works until all audio up to the end was finalized.

        Raises:
            TemporarilyUnavailable, Rejected: the recognizer is gone, or gives no words.
        """
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._send, stream)
                tasks.start_soon(self._watch)
                async for event in stream:
                    if isinstance(event, FinalWords):
                        self._learn(event.through)
                    self._take(event, self)
                tasks.cancel_scope.cancel()
        except* AdapterError as group:
            raise cause(group) from None
        if self._unheard:
            raise TemporarilyUnavailable(f"{self.post.name} ended without having heard everything")

    async def _send(self, stream: TranscriptionStream) -> None:
        while True:
            item = await self._outbox.take()
            if isinstance(item, AudioFrame):
                await self._pacing.wait(item)
                self._unheard.append((item.end, self._clock.monotonic()))
                await stream.send(item)
            elif isinstance(item, Pause):
                await stream.finalize()
            else:
                await stream.send_eof()
                return

    def _learn(self, through: int) -> None:
        oldest: float | None = None
        while self._unheard and self._unheard[0][0] <= through:
            sent = self._unheard.popleft()[1]
            oldest = sent if oldest is None else oldest
        if oldest is not None:
            self.post.patience.learn(self._clock.monotonic() - oldest)
            self.post.breaker.served()

    async def _watch(self) -> None:
        left = LOOK_SECONDS
        while True:
            await self._clock.sleep(max(min(left, LOOK_SECONDS), SHORTEST_LOOK))
            waited = self._clock.monotonic() - self._unheard[0][1] if self._unheard else -math.inf
            left = self.post.patience.limit - waited
            if left < 0:
                raise TemporarilyUnavailable(f"{self.post.name} has had audio for {waited:.1f} s and gave no words")


Take = Callable[[RecognitionEvent, LiveLeg], None]
"""Gets the events of a leg."""
