"""The second lane: audio that fell behind is heard beside the live audio, and merged by its time."""

from collections import deque
from collections.abc import Callable, Sequence

import anyio
from msgspec import Struct

from adapters.outbound.speech_to_text.failover.kept_audio import KeptAudio
from adapters.outbound.speech_to_text.failover.live_leg import LiveLeg, Post
from adapters.outbound.speech_to_text.failover.seam import OVERLAP
from domain.audio import AudioFrame, samples
from domain.recognition import FinalWords, RecognitionEvent
from domain.timeline import Timeline
from domain.transcript import Word
from ports.batch_speech_to_text import BatchSpeechToText
from ports.clock import Clock
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.speech_to_text import TranscriptionRequest

PIECE = samples(60.0)
"""Audio that is transcribed in one request, so that words come in the order of time and none waits for hours."""

RETRY_SECONDS = 3.0


class Stretch(Struct, frozen=True):
    """Audio that was sent to a recognizer that is gone."""

    start: int
    end: int


Deliver = Callable[[FinalWords], None]


class Backlog:
    """Works through stretches, oldest first, with whatever is there: batch recognizers, then live ones."""

    def __init__(
        self,
        kept: KeptAudio,
        *,
        posts: Sequence[Post],
        batch: Sequence[BatchSpeechToText],
        request: TranscriptionRequest,
        clock: Clock,
        deliver: Deliver,
    ) -> None:
        self._kept = kept
        self._posts = posts
        self._batch = [recognizer for recognizer in batch if recognizer.supports(request.language)]
        self._request = request
        self._clock = clock
        self._deliver = deliver
        self._stretches: deque[Stretch] = deque()
        self._added = anyio.Event()
        self._emptied = anyio.Event()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is behind."""
        return not self._stretches

    def add(self, stretch: Stretch) -> None:
        """Takes audio to be heard; in pieces, so that the first words come soon."""
        start = stretch.start
        while start < stretch.end:
            self._stretches.append(Stretch(start, min(start + PIECE, stretch.end)))
            start += PIECE
        self._added.set()

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            while self._stretches:
                if await self._hear(self._stretches[0]):
                    self._stretches.popleft()
                else:
                    await self._clock.sleep(RETRY_SECONDS)
            self._emptied.set()
            self._added = anyio.Event()
            await self._added.wait()

    async def emptied(self) -> None:
        """Waits until nothing is behind."""
        while self._stretches:
            self._emptied = anyio.Event()
            await self._emptied.wait()

    async def _hear(self, stretch: Stretch) -> bool:
        for recognizer in self._batch:
            try:
                words = await self._transcribed(recognizer, stretch)
            except AdapterError:
                continue
            self._deliver(FinalWords(words, stretch.end, recognizer.name, since=stretch.start))
            return True
        for post in self._posts:
            if post.breaker.try_it() and await self._replayed(post, stretch):
                return True
        return False

    def _audio(self, stretch: Stretch) -> list[AudioFrame]:
        return list(self._kept.between(stretch.start - OVERLAP, stretch.end + OVERLAP))

    async def _transcribed(self, recognizer: BatchSpeechToText, stretch: Stretch) -> tuple[Word, ...]:
        """One request for a stretch: what was left out as silence is left out there too."""
        timeline, pieces = Timeline(), []
        for frame in self._audio(stretch):
            timeline.send(frame.start, frame.end)
            pieces.append(frame.pcm)
        if not pieces:
            return ()
        words = await recognizer.transcribe(AudioFrame(0, b"".join(pieces)), self._request)
        return tuple(_placed(word, timeline) for word in words)

    async def _replayed(self, post: Post, stretch: Stretch) -> bool:
        """A connection of its own for a stretch, at the speed the vendor bears."""
        found: list[Word] = []

        def take(event: RecognitionEvent, _: LiveLeg) -> None:
            if isinstance(event, FinalWords):
                found.extend(event.words)

        leg = LiveLeg(post, since=stretch.start, clock=self._clock, take=take)
        try:
            async with post.connected(self._request) as stream:
                for frame in self._audio(stretch):
                    leg.send(frame)
                leg.end()
                await leg.run(stream)
        except Rejected as error:
            post.breaker.rejected(str(error))
            return False
        except TemporarilyUnavailable as error:
            post.breaker.failed(str(error))
            return False
        post.breaker.served()
        self._deliver(FinalWords(tuple(found), stretch.end, post.name, since=stretch.start))
        return True


def _placed(word: Word, timeline: Timeline) -> Word:
    start = timeline.capture_start(word.start)
    return Word(word.text, start, max(timeline.capture_end(word.end), start), word.confidence, word.speaker)
