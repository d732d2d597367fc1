"""One capture at the embedded recognizer."""

from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType

import anyio

from adapters.outbound.speech_to_text.decoding_pool import Decoding, DecodingPool, Urgency
from adapters.outbound.speech_to_text.moonshine_words import Continuation
from adapters.outbound.speech_to_text.utterance import UtteranceCutter
from domain.audio import AudioFrame, samples
from domain.recognition import FinalWords, InterimWords, RecognitionEvent
from domain.transcript import Word
from ports.errors import AdapterError, TemporarilyUnavailable

_SAME_BREATH = samples(1.0)
"""Samples that may have been left out between an utterance and the one that it goes on from."""


class MoonshineStream:
    """A `TranscriptionStream` without a task of its own: whoever iterates has one utterance decoded after the other.

    So words come in order, one busy stream does not crowd out others, and leaving has nothing to stop.
    """

    def __init__(
        self,
        pool: DecodingPool,
        *,
        recognizer: str,
        longest: int,
        most_undecoded: int,
        guess_every: int | None,
        longest_in_context: int = 0,
    ) -> None:
        """A stream with nothing in it.

        Args:
            pool: where utterances are decoded.
            recognizer: what events say of whose words they are.
            longest: samples of an utterance.
            most_undecoded: samples from which on `send` waits.
            guess_every: samples by which an utterance grows between two guesses; None for no guesses.
            longest_in_context: samples of an utterance and the one before it that are decoded together at most.
        """
        self._pool = pool
        self._recognizer = recognizer
        self._cutter = UtteranceCutter(longest=longest)
        self._most_undecoded = most_undecoded
        self._guess_every = guess_every
        self._longest_in_context = longest_in_context
        self._earlier: AudioFrame | None = None
        self._said = ""
        """What the earlier utterance was decoded to."""
        self._ended: deque[AudioFrame] = deque()
        self._undecoded = 0
        """Samples of the utterances that have ended."""
        self._guessed = 0
        """Length of the open utterance at the last guess."""
        self._decoding: Decoding | None = None
        self._eof = False
        self._failure: AdapterError | None = None
        self._changed: anyio.Event

    async def __aenter__(self) -> "MoonshineStream":
        self._changed = anyio.Event()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fail(TemporarilyUnavailable(f"the stream to {self._recognizer} was closed"))

    async def send(self, frame: AudioFrame) -> None:
        """Keeps audio until it is its turn; waits when too much is kept."""
        self._raise_failure()
        self._queue(self._cutter.add(frame))
        if self._is_guess_due:
            self._notify()
        while self._undecoded + len(self._cutter) > self._most_undecoded:
            await self._changed.wait()
            self._raise_failure()

    async def finalize(self) -> None:
        """Ends the utterance."""
        self._raise_failure()
        self._queue(self._cutter.end())

    async def send_eof(self) -> None:
        """Ends the utterance and the stream."""
        self._raise_failure()
        self._queue(self._cutter.end())
        self._eof = True
        self._notify()

    def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        """The events, one final result for each utterance."""
        return self

    async def __anext__(self) -> RecognitionEvent:
        while True:
            self._raise_failure()
            if self._ended:
                return await self._final(self._ended[0])
            if self._eof:
                raise StopAsyncIteration
            if not self._is_guess_due:
                await self._changed.wait()
            elif guess := await self._guess():
                return InterimWords(guess, self._recognizer)

    async def _final(self, utterance: AudioFrame) -> FinalWords:
        """Decodes an utterance. It is taken off the queue only then: who gives up waiting may come again."""
        urgency = Urgency.FINAL if len(self._ended) == 1 else Urgency.BACKLOG
        words = await self._decoded(self._in_context(utterance), urgency=urgency)
        self._raise_failure()
        self._ended.popleft()
        self._earlier, self._said = utterance, " ".join(word.text for word in words)
        self._undecoded -= utterance.end - utterance.start
        self._notify()
        return FinalWords(words, utterance.end, self._recognizer)

    def _in_context(self, utterance: AudioFrame) -> AudioFrame:
        """The utterance with the one it goes on from, if there is one and nothing else waits."""
        earlier = self._earlier
        if earlier is None or not self._said or len(self._ended) > 1:
            return utterance
        length = utterance.end - utterance.start + earlier.end - earlier.start
        if utterance.start - earlier.end > _SAME_BREATH or length > self._longest_in_context:
            return utterance
        return Continuation(utterance.start, utterance.pcm, earlier, self._said)

    @property
    def _is_guess_due(self) -> bool:
        return self._guess_every is not None and len(self._cutter) >= self._guessed + self._guess_every

    async def _guess(self) -> tuple[Word, ...]:
        """A guess at the open utterance; nothing when there are more important things to do."""
        self._guessed = len(self._cutter)
        if self._pool.is_busy:
            return ()
        return await self._decoded(self._cutter.open, urgency=Urgency.GUESS)

    async def _decoded(self, utterance: AudioFrame, *, urgency: Urgency) -> tuple[Word, ...]:
        """Words of an utterance; none when it was dropped."""
        self._decoding = self._pool.submit(utterance, urgency=urgency)
        try:
            return await self._decoding.words()
        except AdapterError as failure:
            self._fail(failure)
            raise
        finally:
            self._decoding = None

    def _queue(self, ended: tuple[AudioFrame, ...]) -> None:
        if not ended:
            return
        self._ended.extend(ended)
        self._undecoded += sum(utterance.end - utterance.start for utterance in ended)
        self._guessed = 0
        if self._decoding is not None and self._decoding.urgency is Urgency.GUESS:
            self._decoding.drop()
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _fail(self, failure: AdapterError) -> None:
        self._failure = self._failure or failure
        if self._decoding is not None:
            self._decoding.drop()
        self._notify()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise type(self._failure)(*self._failure.args) from self._failure
