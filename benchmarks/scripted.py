"""A recognizer that hears nothing and says, once a second, when it was handed what."""

import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from application.listening.short_way import Taker
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.recognition import FinalWords, RecognitionEvent
from domain.transcript import Word
from ports.speech_to_text import Terms, TranscriptionRequest

EVERY = SAMPLE_RATE
"""Samples from one word to the next."""
SETTLED = SAMPLE_RATE
"""Samples behind a pause from which on words are marks: before, audio is late because the gate held it back."""


class ScriptedSpeechToText:
    """Costs nearly nothing, so that what is measured is the server around it."""

    name = "scripted"
    terms = Terms()

    def supports(self, language: str) -> bool:
        """Any that has a name."""
        return bool(language)

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator["ScriptedStream"]:  # noqa: ARG002
        """Opens at once."""
        yield ScriptedStream()


class ScriptedStream:
    """A `TranscriptionStream` whose words are marks: `POSITION:NANOSECONDS`, where and when a frame came in.

    The position is the frame's first sample, the time is the machine's monotonic clock, which all processes share.
    """

    def __init__(self) -> None:
        self._events: deque[RecognitionEvent] = deque()
        self._taker: Taker[RecognitionEvent] | None = None
        self._news = anyio.Event()
        self._eof = False
        self._end = -1
        self._since = 0
        self._said = 0

    async def send(self, frame: AudioFrame) -> None:
        """Notes when a frame came."""
        self.take(frame)

    def take(self, frame: AudioFrame) -> bool:
        """The same by the short way, which streams of vendors have, too."""
        if frame.start != self._end:
            self._since = self._said = frame.start
        self._end = frame.end
        if frame.end - self._said >= EVERY:
            self._said = frame.end
            settled = frame.start - self._since >= SETTLED
            text = f"{frame.start}:{time.monotonic_ns()}" if settled else "word"
            self._tell(FinalWords((Word(text, frame.start, frame.end),), frame.end, "scripted"))
        return True

    async def finalize(self) -> None:
        """Accounts for all that was sent. What follows was held back by the gate, even where no cut shows."""
        self._since = self._said = self._end
        if self._end >= 0:
            self._tell(FinalWords((), self._end, "scripted"))

    async def send_eof(self) -> None:
        """Accounts for all that was sent, and ends."""
        self._eof = True
        await self.finalize()
        self._news.set()

    def hear_straight(self, taker: Taker[RecognitionEvent]) -> None:
        """Marks go straight to who iterates, as those of vendors do."""
        self._taker = taker

    def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        """The marks."""
        return self

    async def __anext__(self) -> RecognitionEvent:
        while not self._events:
            if self._eof:
                raise StopAsyncIteration
            self._news = anyio.Event()
            await self._news.wait()
        return self._events.popleft()

    def _tell(self, event: RecognitionEvent) -> None:
        if self._taker is not None and not self._events and not self._news.is_set() and self._taker(event):
            return
        self._events.append(event)
        self._news.set()
