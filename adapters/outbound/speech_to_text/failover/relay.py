"""One capture over a chain of recognizers: what one does not finish, another does.

```
frames ──> kept audio ──> live leg ────────────────> words ──> client
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

from adapters.outbound.speech_to_text.failover.backlog import Backlog, Stretch
from adapters.outbound.speech_to_text.failover.kept_audio import KeptAudio
from adapters.outbound.speech_to_text.failover.live_leg import LiveLeg, Post
from adapters.outbound.speech_to_text.failover.seam import OVERLAP, SEARCHED_FOR_A_SEAM, DeliveredWords, quietest
from domain.audio import AudioFrame, samples
from domain.ledger import CaptureLedger, Fate, Span
from domain.recognition import FinalWords, InterimWords, RecognitionEvent, RecognizerChanged
from domain.usage import Billing
from ports.batch_speech_to_text import BatchSpeechToText
from ports.clock import Clock
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest, TranscriptionStream

SHORT_BACKLOG = samples(3.0)
"""Audio that a new live leg hears again itself, if it takes it as fast as it was said. More than this would keep
the client waiting for live words; a recognizer that is faster may have as much more."""

FASTEST_REPLAY = 20.0
"""Times real time that a recognizer without a limit is trusted with."""

LOOK_SECONDS = 0.5
"""Between two looks at whether the live leg is still the right one."""

WAIT_FOR_QUIET = 10.0
"""Seconds that a better recognizer waits for a pause before it takes over in the middle of speech."""

IDLE_SECONDS = 15.0
"""Of silence after which a connection that costs is closed; the next word opens another."""

BEFORE_THE_END = 60.0
"""Seconds before a vendor's longest session at which the next connection takes over."""


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
        batch: Sequence[BatchSpeechToText],
        clock: Clock,
        folder: Path | None,
    ) -> None:
        self._posts = posts
        self._request = request
        self._clock = clock
        self._kept = KeptAudio(folder=folder)
        self._ledger: CaptureLedger | None = None
        self._delivered = DeliveredWords()
        self._backlog = Backlog(
            self._kept, posts=posts, batch=batch, request=request, clock=clock, deliver=self._deliver
        )
        self._live: LiveLeg | None = None
        self._unclaimed = 0
        """Position from which on nobody has the audio, while there is no live leg."""
        self._connecting = False
        self._changed = anyio.Event()
        self._is_quiet = True
        """The speaker paused, and nothing was sent since."""
        self._quiet_since = clock.monotonic()
        self._told_end = False
        self._announced = posts[0].name if posts else None
        self._trouble = ""

    async def __aenter__(self) -> "Relay":
        self._send_event, self._events = anyio.create_memory_object_stream[RecognitionEvent](math.inf)
        self._tasks = await anyio.create_task_group().__aenter__()
        self._tasks.start_soon(self._conduct)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tasks.cancel_scope.cancel()
        try:
            # The tasks are told to stop, not what went wrong in the body: else its error would leave in a group.
            await self._tasks.__aexit__(None, None, None)
        finally:
            self._kept.__exit__(kind, error, trace)
            self._send_event.close()
            self._events.close()

    async def send(self, frame: AudioFrame) -> None:
        """Keeps a frame and hands it to whoever listens. Never waits."""
        if not frame.pcm:
            return
        ledger = self._ledger = self._ledger or CaptureLedger(frame.start)
        if frame.start < ledger.end:
            raise ValueError(f"frame at {frame.start} does not follow what was sent up to {ledger.end}")
        ledger.skip(frame.start, "silence")
        ledger.capture(frame.end)
        ledger.send(frame.start, frame.end)
        self._kept.add(frame)
        self._is_quiet = False
        if self._live is not None:
            self._live.send(frame)
        elif not self._connecting:
            self._changed.set()

    async def finalize(self) -> None:
        """The speaker paused."""
        self._is_quiet, self._quiet_since = True, self._clock.monotonic()
        if self._live is not None:
            self._live.pause()

    async def send_eof(self) -> None:
        """Nothing more comes."""
        self._told_end = True
        if self._live is not None:
            self._live.end()
        self._changed.set()

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

    async def _conduct(self) -> None:
        """Has somebody listen while there is something to hear, until all was heard."""
        async with anyio.create_task_group() as self._work:
            self._work.start_soon(self._look_after_leg)
            self._work.start_soon(self._backlog.run)
            while not (self._told_end and not self._unheard(0)):
                self._changed = anyio.Event()
                unclaimed = self._unheard(self._unclaimed) if self._live is None and not self._connecting else ()
                if unclaimed and self._told_end:
                    self._leave_to_backlog(unclaimed)
                elif unclaimed and not await self._call_somebody():
                    continue
                await self._changed.wait()
            self._send_event.close()
            self._work.cancel_scope.cancel()  # whoever still connects or repeats itself has nobody to tell it to

    async def _call_somebody(self) -> bool:
        """Connects the first recognizer that is worth trying; waits a moment when there is none."""
        post = next((post for post in self._posts if post.breaker.try_it()), None)
        if post is not None:
            self._connecting = True
            self._work.start_soon(self._listen, post)
            return True
        self._announce(None)
        await self._clock.sleep(min(LOOK_SECONDS, *(post.breaker.wait or LOOK_SECONDS for post in self._posts)))
        return False

    async def _listen(self, post: Post) -> None:
        """Connects to a recognizer, makes it the live one, and stays until it has heard all it was given."""
        leg: LiveLeg | None = None
        try:
            async with post.connected(self._request) as stream:
                await self._quiet_moment()
                leg = self._take_over(post)
                await self._run(leg, stream)
        except AdapterError as error:
            self._blame(post, error)
        finally:
            post.breaker.given_up()
            if leg is None:
                self._connecting = False
                self._changed.set()

    async def _run(self, leg: LiveLeg, stream: TranscriptionStream) -> None:
        """Stays with a leg. When it fails, the next one does not wait for the farewell to a dead connection."""
        try:
            await leg.run(stream)
        except AdapterError as error:
            self._blame(leg.post, error)
        finally:
            self._let_go(leg)

    def _blame(self, post: Post, error: AdapterError) -> None:
        self._trouble = str(error)
        (post.breaker.rejected if isinstance(error, Rejected) else post.breaker.failed)(str(error))

    async def _quiet_moment(self) -> None:
        """While somebody listens already, a better recognizer takes over in a pause, if one comes soon."""
        until = self._clock.monotonic() + WAIT_FOR_QUIET
        while self._live is not None and not self._is_quiet and self._clock.monotonic() < until:
            await self._clock.sleep(LOOK_SECONDS)

    def _take_over(self, post: Post) -> LiveLeg:
        """A leg that has the live audio from now on, and as much of the audio before as it takes."""
        since = self._first_for_new_leg(post)
        former, self._live = self._live, LiveLeg(post, since=since, clock=self._clock, take=self._take)
        self._connecting = False
        for frame in self._kept.between(since - OVERLAP, self._end):
            self._live.send(frame)
        if self._is_quiet:
            self._live.pause()
        if former is not None:
            former.end(until=since)
        if self._told_end:
            self._live.end()
        leg = self._live
        self._announce(post.name)
        return leg

    @property
    def _end(self) -> int:
        return self._ledger.end if self._ledger is not None else 0

    def _unheard(self, start: int) -> Sequence[Span]:
        """What was sent from a position on and nobody has finalized."""
        if self._ledger is None:
            return ()
        return self._ledger.parts(max(start, self._ledger.watermark), self._ledger.end, Fate.SENT)

    def _first_for_new_leg(self, post: Post) -> int:
        """Where a new leg begins: at what is unheard if that is short, else at a quiet moment just now."""
        now = self._end
        if self._live is not None:
            return now if self._is_quiet else self._quiet_position(now)
        unheard = self._unheard(self._unclaimed)
        short = SHORT_BACKLOG * min(post.recognizer.terms.replay_speed, FASTEST_REPLAY)
        if sum(span.end - span.start for span in unheard) <= short:
            return unheard[0].start if unheard else now
        seam = max(self._quiet_position(now), unheard[0].start)
        self._leave_to_backlog(self._unheard(self._unclaimed), until=seam)
        return seam

    def _quiet_position(self, now: int) -> int:
        return quietest(list(self._kept.between(now - SEARCHED_FOR_A_SEAM, now - OVERLAP // 2)), default=now)

    def _leave_to_backlog(self, spans: Sequence[Span], *, until: int | None = None) -> None:
        until = self._end if until is None else until
        for span in spans:
            if span.start < until:
                self._backlog.add(Stretch(span.start, min(span.end, until)))
        self._unclaimed = until

    def _let_go(self, leg: LiveLeg) -> None:
        """A leg is over: somebody else has to hear what it was given and did not finalize."""
        if leg is self._live:
            self._live, self._unclaimed = None, leg.since
        elif leg.until is not None:
            spans = [span for span in self._unheard(leg.since) if span.start < leg.until]
            for span in spans:
                self._backlog.add(Stretch(span.start, min(span.end, leg.until)))
        self._changed.set()

    async def _look_after_leg(self) -> None:
        """Goes back to a better recognizer, hands over before a session must end, closes what costs for nothing."""
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            leg = self._live
            if leg is None or self._connecting or self._told_end:
                continue
            if self._is_idle(leg):
                leg.end()
                self._live, self._unclaimed = None, self._end
            elif (post := self._better_than(leg)) is not None:
                self._connecting = True
                self._work.start_soon(self._listen, post)

    def _is_idle(self, leg: LiveLeg) -> bool:
        costs = leg.post.recognizer.terms.billing is Billing.CONNECTION
        return costs and self._is_quiet and self._clock.monotonic() - self._quiet_since > IDLE_SECONDS

    def _better_than(self, leg: LiveLeg) -> Post | None:
        """The recognizer that should take over now; the same one for a fresh connection."""
        if leg.age > leg.post.recognizer.terms.longest_session - BEFORE_THE_END:
            return leg.post
        for post in self._posts:
            if post is leg.post:
                return None
            if post.breaker.try_it():
                return post
        return None

    def _take(self, event: RecognitionEvent, leg: LiveLeg) -> None:
        """Passes on what a live leg says, as far as it is its to say."""
        if isinstance(event, FinalWords):
            through = event.through if leg.until is None else min(event.through, leg.until)
            self._deliver(FinalWords(event.words, through, event.recognizer, since=leg.since), until=leg.until)
        elif isinstance(event, InterimWords) and leg is self._live:
            words = tuple(word for word in event.words if word.start >= leg.since)
            if words:
                self._send_event.send_nowait(InterimWords(words, event.recognizer))

    def _deliver(self, event: FinalWords, until: int | None = None) -> None:
        """Final words, from whichever lane: each once.

        Synchronous, and the queue of events without a bound: between the note that audio is finalized and the
        event that carries its words nothing may be cancelled.
        """
        if self._ledger is None:
            return
        last = event.through if until is None else until
        words = self._delivered.fresh(event.words, since=event.since, until=max(last, event.through) + 1)
        self._ledger.finalize(event.through, recognizer=event.recognizer, since=event.since)
        self._kept.forget(self._ledger.watermark - 2 * OVERLAP)
        self._send_event.send_nowait(FinalWords(words, event.through, event.recognizer, since=event.since))
        if self._told_end:
            self._changed.set()

    def _announce(self, recognizer: str | None) -> None:
        if recognizer != self._announced:
            self._announced = recognizer
            self._send_event.send_nowait(RecognizerChanged(recognizer, self._trouble))
