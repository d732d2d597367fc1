"""The second lane: audio that fell behind is heard beside the live audio, and merged by its time."""

from collections import deque
from collections.abc import Sequence

import anyio
from msgspec import Struct

from adapters.outbound.speech_to_text.failover.breaker import Breaker, BreakerState
from adapters.outbound.speech_to_text.failover.custody import Custody
from adapters.outbound.speech_to_text.failover.live_leg import LiveLeg, Take
from adapters.outbound.speech_to_text.failover.post import Post
from adapters.outbound.speech_to_text.failover.seam import OVERLAP, Territory
from domain.audio import AudioFrame, samples
from domain.recognition import FinalWords
from domain.timeline import Timeline
from domain.transcript import Word
from ports.batch_speech_to_text import BatchSpeechToText
from ports.clock import Clock
from ports.errors import AdapterError, Rejected
from ports.speech_to_text import TranscriptionRequest, TranscriptionStream

PIECE = samples(60.0)
"""Audio that is transcribed in one request, so that words come in the order of time and none waits for hours."""

RETRY_SECONDS = 3.0

BATCH_SECONDS = 120.0
"""For one request."""


class Stretch(Struct, frozen=True):
    """Audio that was sent to a recognizer that is gone."""

    start: int
    end: int


class BatchPost:
    """A recognizer of recordings, and whether it is worth trying."""

    def __init__(self, recognizer: BatchSpeechToText, *, clock: Clock) -> None:
        self.recognizer = recognizer
        self._clock = clock
        self._breaker = Breaker(monotonic=clock.monotonic)

    @property
    def state(self) -> BreakerState:
        """Whether it may be tried."""
        return self._breaker.state

    async def transcribe(self, recording: AudioFrame, request: TranscriptionRequest) -> tuple[Word, ...] | None:
        """All words of a recording; None when there is no asking it now."""
        if not self._breaker.try_it():
            return None
        started = self._clock.monotonic()
        try:
            with anyio.fail_after(BATCH_SECONDS):
                words = await self.recognizer.transcribe(recording, request)
        except Rejected as error:
            self._breaker.rejected(str(error))
        except (AdapterError, TimeoutError) as error:
            self._breaker.failed(str(error))
        else:
            self._breaker.served(opened=started)
            return words
        return None


class Backlog:
    """Works through stretches, oldest first, with whatever is there: batch recognizers, then live ones."""

    def __init__(
        self,
        custody: Custody,
        *,
        posts: Sequence[Post],
        batch: Sequence[BatchPost],
        request: TranscriptionRequest,
        clock: Clock,
        take: Take,
    ) -> None:
        self._custody = custody
        self._posts = posts
        self._batch = [post for post in batch if post.recognizer.supports(request.language)]
        self._request = request
        self._clock = clock
        self._take = take
        self._stretches: deque[Stretch] = deque()
        self._added = anyio.Event()

    def add(self, stretch: Stretch) -> None:
        """Takes audio to be heard; in pieces, so that the first words come soon."""
        for start in range(stretch.start, stretch.end, PIECE):
            self._stretches.append(Stretch(start, min(start + PIECE, stretch.end)))
        self._added.set()

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            self._added = anyio.Event()
            while self._stretches:
                rest = await self._hear(self._stretches[0])
                if rest == self._stretches[0]:
                    await self._clock.sleep(RETRY_SECONDS)
                elif rest is not None:
                    self._stretches[0] = rest
                else:
                    self._stretches.popleft()
            await self._added.wait()

    async def _hear(self, stretch: Stretch) -> Stretch | None:
        """What is left of a stretch after everybody was asked who is worth it."""
        for batch in self._batch:
            if await self._transcribed(batch, stretch):
                return None
        rest: Stretch | None = stretch
        for post in self._posts:
            if rest is not None and post.breaker.try_it():
                rest = await self._replayed(post, rest)
        return rest

    def _audio(self, stretch: Stretch) -> list[AudioFrame]:
        return list(self._custody.audio(stretch.start - OVERLAP, stretch.end + OVERLAP))

    async def _transcribed(self, post: BatchPost, stretch: Stretch) -> bool:
        """One request for a stretch: what was left out as silence is left out there too."""
        timeline, pieces = Timeline(), []
        for frame in self._audio(stretch):
            timeline.send(frame.start, frame.end)
            pieces.append(frame.pcm)
        words = await post.transcribe(AudioFrame(0, b"".join(pieces)), self._request)
        if words is None:
            return False
        placed = tuple(_placed(word, timeline) for word in words)
        final = FinalWords(placed, stretch.end, post.recognizer.name, since=stretch.start)
        self._custody.deliver(final, Territory(stretch, stretch.start, stretch.end))
        return True

    async def _replayed(self, post: Post, stretch: Stretch) -> Stretch | None:
        """A connection of its own for a stretch, at the speed the vendor bears; what is left of the stretch."""
        leg = LiveLeg(post, since=stretch.start, clock=self._clock, take=self._take)
        for frame in self._audio(stretch):
            leg.send(frame)
        leg.end(until=stretch.end)

        async def work(stream: TranscriptionStream) -> None:
            await leg.run(stream)

        await post.serve(self._request, work)
        post.tally.replayed += max(min(leg.through, stretch.end) - stretch.start, 0)
        through = max(stretch.start, leg.through)
        return None if through >= stretch.end else Stretch(through, stretch.end)


def _placed(word: Word, timeline: Timeline) -> Word:
    start = timeline.capture_start(word.start)
    return Word(word.text, start, max(timeline.capture_end(word.end), start), word.confidence, word.speaker)
