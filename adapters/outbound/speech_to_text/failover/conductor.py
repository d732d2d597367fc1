"""Who listens to a capture: calls recognizers, hands over between them, and misses none of the audio."""

import math
from collections.abc import Callable, Sequence

import anyio
from anyio.abc import TaskGroup
from msgspec import structs

from adapters.outbound.speech_to_text.failover.backlog import Backlog, BatchPost, Stretch
from adapters.outbound.speech_to_text.failover.custody import Custody
from adapters.outbound.speech_to_text.failover.live_leg import LiveLeg
from adapters.outbound.speech_to_text.failover.post import Post
from adapters.outbound.speech_to_text.failover.seam import OVERLAP, Territory
from adapters.outbound.speech_to_text.failover.succession import (
    IDLE_SECONDS,
    LOOK_SECONDS,
    better_than,
    first_to_try,
    trouble,
)
from domain.audio import AudioFrame, samples
from domain.ledger import Span
from domain.recognition import FinalWords, InterimWords, RecognitionEvent, RecognizerChanged
from domain.usage import Billing
from ports.clock import Clock
from ports.speech_to_text import TranscriptionRequest, TranscriptionStream

SHORT_BACKLOG = samples(3.0)
"""Audio that a new live leg hears again itself, if it takes it as fast as it was said. More than this would keep
the client waiting for live words; a recognizer that is faster may have as much more."""

FASTEST_REPLAY = 20.0
"""Times real time that a recognizer without a limit is trusted with."""

WAIT_FOR_QUIET = 8.0
"""Seconds that a better recognizer waits for a pause before it takes over in the middle of speech."""


class Conductor:
    """Has somebody listen while there is something to hear, until all was heard."""

    def __init__(
        self,
        posts: Sequence[Post],
        *,
        custody: Custody,
        request: TranscriptionRequest,
        batch: Sequence[BatchPost],
        clock: Clock,
        emit: Callable[[RecognitionEvent], None],
        over: Callable[[], None],
    ) -> None:
        self._posts = posts
        self._custody = custody
        self._request = request
        self._clock = clock
        self._emit = emit
        self._over = over
        self._backlog = Backlog(custody, posts=posts, batch=batch, request=request, clock=clock, take=self._take)
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
        self._tasks: TaskGroup

    def hand_on(self, frame: AudioFrame) -> None:
        """There is audio, and it is in custody."""
        self._is_quiet = False
        if self._live is not None:
            self._live.send(frame)
        elif not self._connecting:
            self._changed.set()

    def pause(self) -> None:
        """The speaker paused."""
        if not self._is_quiet:
            self._is_quiet, self._quiet_since = True, self._clock.monotonic()
        if self._live is not None:
            self._live.pause()

    def end(self) -> None:
        """No more audio comes."""
        self._told_end = True
        if self._live is not None:
            self._live.end()
        self._changed.set()

    def look_again(self) -> None:
        """Some audio became final: perhaps the last."""
        if self._told_end:
            self._changed.set()

    async def run(self) -> None:
        """Works until all was heard; then whoever still listens is sent away."""
        async with anyio.create_task_group() as self._tasks:
            self._tasks.start_soon(self._look_after_leg)
            self._tasks.start_soon(self._backlog.run)
            await self._conduct()
            self._over()
            self._tasks.cancel_scope.cancel()

    async def _conduct(self) -> None:
        """Has somebody listen while there is something to hear."""
        while not (self._told_end and self._custody.is_heard()):
            self._changed = anyio.Event()
            nobody = self._live is None and not self._connecting
            unclaimed = self._custody.unheard(self._unclaimed) if nobody else ()
            if unclaimed and self._told_end:
                self._leave_to_backlog(unclaimed, until=self._custody.end)
            elif unclaimed and not await self._call_somebody():
                continue
            await self._changed.wait()

    async def _call_somebody(self) -> bool:
        """Connects the first recognizer that is worth trying; waits a moment when there is none."""
        post = first_to_try(self._posts)
        if post is not None:
            self._connect(post)
            return True
        self._announce(None)
        await self._clock.sleep(LOOK_SECONDS)
        return False

    def _connect(self, post: Post) -> None:
        self._connecting = True
        self._tasks.start_soon(self._listen, post)

    async def _listen(self, post: Post) -> None:
        """Connects to a recognizer, makes it the live one, and stays until it has heard all it was given."""
        leg: LiveLeg | None = None

        async def work(stream: TranscriptionStream) -> None:
            nonlocal leg
            await self._quiet_moment()
            leg = self._take_over(post)
            try:
                await leg.run(stream)
            finally:
                self._let_go(leg)

        try:
            await post.serve(self._request, work)
        finally:
            if leg is None:
                self._connecting = False
                self._changed.set()

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
        for frame in self._custody.audio(since - OVERLAP, self._custody.end):
            self._live.send(frame)
        post.tally.taken_over += 1
        post.tally.replayed += max(self._custody.end - since, 0)
        if self._is_quiet:
            self._live.pause()
        if former is not None:
            former.end(until=since)
        if self._told_end:
            self._live.end()
        self._announce(post)
        return self._live

    def _first_for_new_leg(self, post: Post) -> int:
        """Where a new leg begins: at what is unheard if that is short, else at a quiet moment just now."""
        now = self._custody.end
        if self._live is not None:
            return now if self._is_quiet else max(self._custody.quiet_position(), self._live.through)
        unheard = self._custody.unheard(self._unclaimed)
        short = SHORT_BACKLOG * min(post.recognizer.terms.replay_speed, FASTEST_REPLAY)
        if sum(span.end - span.start for span in unheard) <= short:
            return unheard[0].start if unheard else now
        seam = max(self._custody.quiet_position(), unheard[0].start)
        self._leave_to_backlog(unheard, until=seam)
        return seam

    def _leave_to_backlog(self, spans: Sequence[Span], *, until: int) -> None:
        for span in spans:
            if span.start < until:
                self._backlog.add(Stretch(span.start, min(span.end, until)))
        self._unclaimed = until

    def _let_go(self, leg: LiveLeg) -> None:
        """A leg is over: somebody else has to hear what it was given and did not finalize."""
        if leg is self._live:
            self._live, self._unclaimed = None, leg.since
        elif leg.until is not None:
            spans = self._custody.unheard(leg.since)
            for span in spans:
                if span.start < leg.until:
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
                leg.end(until=self._custody.end)
                self._live, self._unclaimed = None, self._custody.end
            elif (post := better_than(leg, self._posts)) is not None:
                self._connect(post)

    def _is_idle(self, leg: LiveLeg) -> bool:
        costs = leg.post.recognizer.terms.billing is Billing.CONNECTION
        return costs and self._is_quiet and self._clock.monotonic() - self._quiet_since > IDLE_SECONDS

    def _take(self, event: RecognitionEvent, leg: LiveLeg) -> None:
        """Passes on what a leg says, as far as it is its to say."""
        until = math.inf if leg.until is None else leg.until
        if isinstance(event, FinalWords):
            through = int(min(max(event.through, leg.through), until))
            territory = Territory(leg, leg.since, until, heard=leg.through)
            self._custody.deliver(structs.replace(event, through=through, since=leg.since), territory)
        elif isinstance(event, InterimWords) and leg is self._live:
            words = tuple(word for word in event.words if word.start >= leg.since)
            if words:
                self._emit(InterimWords(words, event.recognizer))

    def _announce(self, post: Post | None) -> None:
        name = post.name if post is not None else None
        if name != self._announced:
            self._announced = name
            self._emit(RecognizerChanged(name, trouble(self._posts, post)))
