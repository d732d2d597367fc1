"""A recognizer that is the client itself: its words come in messages, and the audio is kept beside them."""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import anyio

from domain.audio import AudioFrame
from domain.recognition import FinalWords, RecognitionEvent
from domain.suggestion import SuggestedSegment, Suggestions, source_of
from ports.clock import Clock

PATIENCE = 5.0
"""Seconds after which audio that the client said nothing about is taken to be heard: it has no words."""
LOOK_SECONDS = 0.5
MOST_WAITING = 1_000
"""Messages that were not looked at yet; more are dropped."""
NOBODY_YET = "client"


class Suggest(Protocol):
    """Takes what a client heard; `ClientTranscription` does. Never waits, never raises."""

    def __call__(self, segments: Sequence[SuggestedSegment], *, provider: str) -> None:
        """Takes segments of a recognizer that the client names."""
        ...


class ClientTranscription:
    """A `TranscriptionStream`. Audio is settled when words behind it came, or after a while."""

    def __init__(self, *, clock: Clock) -> None:
        self._position = 0
        self._clock = clock
        self._suggestions = Suggestions()
        self._waiting: deque[FinalWords] = deque(maxlen=MOST_WAITING)
        self._sent: deque[tuple[float, int]] = deque()
        """When audio came, and where it ends; not settled yet."""
        self._end = 0
        self._through = 0
        self._source = NOBODY_YET
        self._is_over = False
        self._news = anyio.Event()

    def begin(self, position: int) -> None:
        """Tells where the first audio of the connection lies. To be called before anything else."""
        self._position = self._end = self._through = position

    def suggest(self, segments: Sequence[SuggestedSegment], *, provider: str) -> None:
        """Takes what the client heard. Never waits, never raises."""
        self._source = source_of(provider)
        words = self._suggestions.words(segments, position=self._position)
        if words:
            through = max(self._through, min(words[-1].end, self._end))
            self._waiting.append(FinalWords(words, through, self._source))
            self._news.set()

    async def send(self, frame: AudioFrame) -> None:
        """Notes that there is audio; the client hears it elsewhere."""
        self._end = frame.end
        self._sent.append((self._clock.monotonic(), frame.end))

    async def finalize(self) -> None:
        """The client knows when somebody paused."""

    async def send_eof(self) -> None:
        """No more audio comes; what was suggested by now counts."""
        self._is_over = True
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        """The words as they come, and the watermark."""
        while True:
            while self._waiting:
                said = self._waiting.popleft()
                self._through = max(self._through, said.through)
                yield said
            settled = self._settled()
            if settled is not None:
                yield settled
            if self._is_over:
                return
            self._news = anyio.Event()
            await self._news_or_time()

    async def _news_or_time(self) -> None:
        async def look() -> None:
            await self._clock.sleep(LOOK_SECONDS)
            self._news.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(look)
            await self._news.wait()
            tasks.cancel_scope.cancel()

    def _settled(self) -> FinalWords | None:
        """The watermark, where it moved."""
        now, before = self._clock.monotonic(), self._through
        while self._sent and (self._is_over or now - self._sent[0][0] >= PATIENCE):
            self._through = max(self._through, self._sent.popleft()[1])
        return FinalWords((), self._through, self._source) if self._through > before else None
