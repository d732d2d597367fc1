"""One recognizer at work on a piece of a capture, watched."""

import math
from collections import deque
from collections.abc import Awaitable, Callable
from time import perf_counter

import anyio
from msgspec import structs

from adapters.outbound.speech_to_text.failover.pacing import Pacing
from adapters.outbound.speech_to_text.failover.patience import GRACE, Patience
from adapters.outbound.speech_to_text.failover.post import Post
from application.listening.outbox import END, PAUSE, Outbox, Pause, Straight, straight_to
from application.listening.short_way import hear_straight
from domain.audio import AudioFrame
from domain.recognition import FinalWords, RecognitionEvent
from domain.transcript import Word
from ports.clock import Clock
from ports.errors import AdapterError, TemporarilyUnavailable, cause
from ports.speech_to_text import TranscriptionStream

LOOK_SECONDS = 0.25
SHORTEST_LOOK = 0.01


class LiveLeg:
    """Gives a recognizer the audio from a position on, and says when it has stopped to listen.

    Health is progress: a recognizer that has audio, and has finalized none for longer than it usually takes, is
    gone, whatever its connection says. Usual after a pause is what was learned after pauses; in the middle of
    speech a recognizer may wait for the end of a sentence.
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
        self.through = 0
        """It has finalized everything before this position."""
        self._clock = clock
        self._take = take
        self._outbox = Outbox()
        self._pacing = Pacing(post.recognizer.terms.replay_speed, clock=clock)
        self._given = 0
        """Position behind the last audio that is meant for it."""
        self._sent = 0
        """Position behind the last audio that it was sent."""
        self._unheard: deque[tuple[int, float]] = deque()
        """Ends of what it was sent and has not finalized, and when that was."""
        self._ended = False
        self._asked: deque[tuple[int, float]] = deque()
        """Positions up to which final words were asked for, and when: from the first that is not answered."""
        self._opened = self._progress = clock.monotonic()
        self._calling: float = math.inf
        """Since when a call to the recognizer has not returned."""

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return self._clock.monotonic() - self._opened

    @property
    def is_done(self) -> bool:
        """Whether nothing more comes and all is finalized."""
        return self._ended and self.through >= self._given

    def send(self, frame: AudioFrame) -> None:
        """Takes audio. Never waits."""
        self._given = frame.end
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
        failure: AdapterError | None = None
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._send, stream)
                tasks.start_soon(self._watch, tasks.cancel_scope)
                hear_straight(stream, self._hear)
                async for event in stream:
                    self._hear(event)
                tasks.cancel_scope.cancel()
        except* AdapterError as group:
            failure = cause(group)
        if failure is not None:
            # Not inside `except*`: what is raised there may leave in a group.
            raise failure
        if not self.is_done:
            raise TemporarilyUnavailable(f"{self.post.name} ended without having heard everything")

    async def _send(self, stream: TranscriptionStream) -> None:
        with self._outbox.opened(self._past_the_task(straight_to(stream))):
            while True:
                item = await self._outbox.take()
                if isinstance(item, AudioFrame):
                    await self._pacing.wait(item)
                    self._note(item.end)
                    await self._called(stream.send(item))
                    continue
                self._asked.append((self._sent, self._clock.monotonic()))
                if not isinstance(item, Pause):
                    await self._called(stream.send_eof())
                    return
                await self._called(stream.finalize())

    def _past_the_task(self, take: Straight) -> Straight:
        """The way past our own task, where the recognizer has a way past its own."""

        def straight(frame: AudioFrame) -> bool:
            if not (self._pacing.allows(frame) and take(frame)):
                return False
            self._pacing.spend(frame)
            self._note(self._given)  # which is the frame's end: it came just now
            return True

        return straight

    def _note(self, end: int) -> None:
        """It is sent audio up to a position, now."""
        self._sent = end
        self._unheard.append((end, self._clock.monotonic()))

    async def _called(self, call: Awaitable[None]) -> None:
        self._calling = self._clock.monotonic()
        await call
        self._calling = math.inf

    def _hear(self, event: RecognitionEvent) -> bool:
        """Passes an event on, cut to what the recognizer can know: it cannot have heard what it was not sent."""
        began = perf_counter()
        if isinstance(event, FinalWords):
            words = tuple(_within(word, self._sent) for word in event.words)
            event = structs.replace(event, words=words, through=min(event.through, self._sent))
            self._take(event, self)
            self.post.tally.delivered.note(perf_counter() - began)
            self._learn(event.through)
        else:
            self._take(event, self)
            self.post.tally.delivered.note(perf_counter() - began)
        return True

    def _learn(self, through: int) -> None:
        if self._unheard and self._unheard[0][0] <= through:
            patience, waited = self._waiting()
            patience.learn(waited)
            self.post.tally.answered.note(waited)
            self.post.breaker.served(opened=self._opened)
        while self._unheard and self._unheard[0][0] <= through:
            self._unheard.popleft()
        if through > self.through:
            self.through, self._progress = through, self._clock.monotonic()

    def _waiting(self) -> tuple[Patience, float]:
        """How long the recognizer has let us wait for what it hears now, and the patience that holds for that."""
        now, (end, sent) = self._clock.monotonic(), self._unheard[0]
        while self._asked and self._asked[0][0] < end:
            self._asked.popleft()
        if self._asked:  # the first time counts: who is asked again and again has not answered
            return self.post.answering, now - max(sent, self._progress, self._asked[0][1])
        return self.post.listening, now - max(sent, self._progress)

    async def _watch(self, run: anyio.CancelScope) -> None:
        look = LOOK_SECONDS
        while True:
            await self._clock.sleep(look)
            asked = self._asked[-1][1] if self._asked else self._opened
            if self.is_done and self._clock.monotonic() - max(self._progress, asked) > GRACE:
                # It was told the end and has finalized everything: what it still waits for is its own affair.
                run.cancel()
                return
            if self._unheard:
                patience, waited = self._waiting()
            else:
                patience, waited = self.post.answering, self._clock.monotonic() - max(self._calling, self._progress)
            if waited > patience.limit:
                patience.in_vain(waited)
                raise TemporarilyUnavailable(f"{self.post.name} has had audio for {waited:.1f} s and gave no words")
            look = min(max(patience.limit - waited, SHORTEST_LOOK), LOOK_SECONDS)


def _within(word: Word, end: int) -> Word:
    if word.end <= end:
        return word
    return structs.replace(word, start=min(word.start, end), end=end)


Take = Callable[[RecognitionEvent, LiveLeg], None]
"""Gets the events of a leg. What the leg has heard before an event is in its `through`."""
