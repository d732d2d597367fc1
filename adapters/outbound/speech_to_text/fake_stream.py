"""One capture at the recognizer of watermarked speech."""

from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType

import anyio

from adapters.outbound.speech_to_text.watermarked_words import WatermarkedWords
from domain.audio import AudioFrame
from domain.recognition import FinalWords, InterimWords, RecognitionEvent
from domain.transcript import Word
from ports.errors import TemporarilyUnavailable

_MOST_WAITING = 256
"""Events that wait for the caller before `send` waits."""


class FakeStream:
    """A `TranscriptionStream` that works while it is handed audio. No task, no thread, no clock."""

    def __init__(self, *, recognizer: str, interim: bool) -> None:
        self._recognizer = recognizer
        self._interim = interim
        self._heard = WatermarkedWords()
        self._guessed: str | None = None
        """The word that was last guessed at."""
        self._through: int | None = None
        self._events: deque[RecognitionEvent] = deque()
        self._eof = False
        self._closed = False
        self._changed: anyio.Event

    async def __aenter__(self) -> "FakeStream":
        self._changed = anyio.Event()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        self._notify()

    async def send(self, frame: AudioFrame) -> None:
        """Hears a frame. A word is final as soon as it is over."""
        self._raise_closed()
        if not frame.pcm:
            return
        for word in self._heard.add(frame):
            self._finish((word,), through=word.end)
        self._guess()
        self._notify()
        while len(self._events) > _MOST_WAITING:
            await self._changed.wait()
            self._raise_closed()

    async def finalize(self) -> None:
        """Makes final what was heard of the word that is being spoken."""
        self._raise_closed()
        self._finish(self._heard.flush(), through=self._heard.end)
        self._notify()

    async def send_eof(self) -> None:
        """Makes all final, and ends."""
        await self.finalize()
        self._eof = True
        self._notify()

    def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        """The events, in the order of the audio."""
        return self

    async def __anext__(self) -> RecognitionEvent:
        while not self._events:
            self._raise_closed()
            if self._eof:
                raise StopAsyncIteration
            await self._changed.wait()
        event = self._events.popleft()
        self._notify()
        return event

    def _finish(self, words: tuple[Word, ...], *, through: int) -> None:
        if words or (through != self._through and through > 0):
            self._through = through
            self._events.append(FinalWords(words, through, self._recognizer))

    def _guess(self) -> None:
        word = self._heard.open
        if self._interim and word is not None and word.text != self._guessed:
            self._guessed = word.text
            self._events.append(InterimWords((word,), self._recognizer))

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _raise_closed(self) -> None:
        if self._closed:
            raise TemporarilyUnavailable(f"the stream to {self._recognizer} was closed")
