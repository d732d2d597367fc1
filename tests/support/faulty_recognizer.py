"""Recognizers of watermarked speech that fail by script."""

import math
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from msgspec import Struct, structs

from adapters.outbound.batch_speech_to_text.fake import FakeBatchSpeechToText
from adapters.outbound.speech_to_text.watermarked_words import WatermarkedWords
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.recognition import FinalWords, InterimWords, RecognitionEvent
from domain.transcript import Word
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.speech_to_text import Terms, TranscriptionRequest, TranscriptionStream


class Fault(Struct, frozen=True, kw_only=True):
    """What goes wrong with one connection. Positions are counted in samples that it was sent, times in seconds."""

    refuse: Exception | None = None
    """Raised on opening."""
    opening: float = 0.0
    """How long that takes."""
    hangs: bool = False
    """Opening never returns."""
    delay: float = 0.0
    """Between hearing and saying."""
    dies_after: int | None = None
    """It breaks off then."""
    dies_at: float = math.inf
    """It breaks off then, counted from its opening."""
    dies_at_finalize: bool = False
    dies_at_eof: bool = False
    dying: type[Exception] = TemporarilyUnavailable
    """How it says so."""
    ends_after: int | None = None
    """It ends, as if it had been told to."""
    silent_after: int | None = None
    """It takes audio and says nothing."""
    mute_after: int | None = None
    """It says no final words any more."""
    no_finals: bool = False
    by_sentence: bool = False
    """It says nothing before a pause."""
    slowness: float = 0.0
    """Seconds of work for a second of audio."""
    blocks_after: int | None = None
    """`send` does not return."""
    blocks_at_finalize: bool = False
    endless: bool = False
    """It does not end after the end."""
    closing: float = 0.0
    """How long leaving takes."""
    doubled: bool = False
    """It says everything twice."""
    swapped: bool = False
    """It says the later of two final results first; its watermark waits for the other."""
    watermark_ahead: int = 0
    """Its watermark lies so far beyond what it was sent."""
    stamps_ahead: int = 0
    """Its words may end so far beyond what it was sent."""
    jitter: int = 0
    """It misjudges by so much where a word lies."""
    short_way: bool = False
    """It takes audio without a task in between, where nothing goes wrong."""


HEALTHY = Fault()


class FaultyRecognizer:
    """Connection after connection, each with its own fault; behind the last one all is well."""

    def __init__(self, name: str, *faults: Fault, otherwise: Fault = HEALTHY, terms: Terms | None = None) -> None:
        self.name = name
        self.terms = terms or Terms(patience=1.0)
        self._faults = list(faults)
        self.otherwise = otherwise
        self.connections = 0
        self.open = 0
        self._streams: list[_FaultyStream] = []
        self.sent: list[tuple[float, int]] = []
        """When how many samples were sent."""

    def supports(self, language: str) -> bool:
        return bool(language)

    async def break_off(self) -> None:
        """Ends all connections."""
        for stream in self._streams:
            stream.break_off()

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        fault = self._faults.pop(0) if self._faults else self.otherwise
        self.connections += 1
        await anyio.sleep(math.inf if fault.hangs else fault.opening)
        if fault.refuse is not None:
            raise fault.refuse
        self.open += 1
        try:
            # Like real ones, with a task of its own that is open as long as the stream is.
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(anyio.sleep_forever)
                self._streams.append(_FaultyStream(self, fault, interim=request.interim))
                yield self._streams[-1]
                tasks.cancel_scope.cancel()
        finally:
            self.open -= 1
            with anyio.CancelScope(shield=fault.closing < 2):
                await anyio.sleep(fault.closing)


class _FaultyStream:
    """Hears at once, says it later."""

    def __init__(self, recognizer: FaultyRecognizer, fault: Fault, *, interim: bool) -> None:
        self._recognizer = recognizer
        self._fault = fault
        self._interim = interim
        self._heard = WatermarkedWords()
        self._busy_until = 0.0
        self._held: list[Word] = []
        self._sent = 0
        self._through = 0
        self._said: deque[tuple[float, RecognitionEvent | None]] = deque()
        self._changed = anyio.Event()
        self._dead = False
        self._dies_at = anyio.current_time() + fault.dies_at
        self._random = random.Random(recognizer.connections)
        if fault.short_way:
            self.take = self._take

    async def send(self, frame: AudioFrame) -> None:
        self._raise_dead()
        self._note(frame)
        if self._is_past(self._fault.dies_after):
            self._die()
        if self._is_past(self._fault.blocks_after):
            await anyio.sleep_forever()
        self._hear(frame)

    def _take(self, frame: AudioFrame) -> bool:
        fatal = min(at for at in (self._fault.dies_after, self._fault.blocks_after, math.inf) if at is not None)
        if self._dead or self._sent + frame.end - frame.start > fatal:
            return False
        self._note(frame)
        self._hear(frame)
        return True

    def _note(self, frame: AudioFrame) -> None:
        self._recognizer.sent.append((anyio.current_time(), frame.end - frame.start))
        self._sent += frame.end - frame.start

    def _hear(self, frame: AudioFrame) -> None:
        if self._is_past(self._fault.ends_after):
            self._say(None)
        work = (frame.end - frame.start) / SAMPLE_RATE * self._fault.slowness
        self._busy_until = max(self._busy_until, anyio.current_time()) + work
        for word in self._heard.add(frame):
            if self._fault.by_sentence:
                self._held.append(word)
            else:
                self._finish((word,), word.end)
        if self._interim and self._heard.open is not None:
            self._say(InterimWords((self._heard.open,), self._recognizer.name))

    async def finalize(self) -> None:
        self._raise_dead()
        if self._fault.dies_at_finalize:
            self._die()
        if self._fault.blocks_at_finalize:
            await anyio.sleep_forever()
        self._flush()

    async def send_eof(self) -> None:
        self._raise_dead()
        if self._fault.dies_at_eof:
            self._die()
        self._flush()
        if not self._fault.endless:
            self._say(None)

    async def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        while True:
            with anyio.move_on_after(max(self._dies_at - anyio.current_time(), 0)) as alive:
                while not self._said and not self._dead:
                    self._changed = anyio.Event()
                    await self._changed.wait()
                if self._said:
                    await anyio.sleep(max(self._said[0][0] - anyio.current_time(), 0))
            if alive.cancelled_caught or not self._said:
                self._dead = True
                raise self._death
            event = self._said.popleft()[1]
            if event is None:
                return
            yield self._as_told(event)

    def _flush(self) -> None:
        self._finish((*self._held, *self._heard.flush()), self._heard.end)
        self._held.clear()

    @property
    def _death(self) -> Exception:
        return self._fault.dying(f"{self._recognizer.name} hung up")

    def _raise_dead(self) -> None:
        if self._dead:
            raise self._death

    def _die(self) -> None:
        self.break_off()
        raise self._death

    def break_off(self) -> None:
        self._dead = True
        self._said = deque(said for said in self._said if said[0] <= anyio.current_time())
        self._changed.set()

    def _is_past(self, limit: int | None) -> bool:
        return limit is not None and self._sent > limit

    def _finish(self, words: tuple[Word, ...], through: int) -> None:
        is_mute = self._fault.no_finals or self._is_past(self._fault.mute_after)
        if is_mute or (not words and through <= self._through):
            return
        self._through = max(through, self._through)
        event = FinalWords(tuple(map(self._placed, words)), through, self._recognizer.name)
        self._say(event)
        if self._fault.doubled:
            self._say(event)
        elif self._fault.swapped and len(self._said) > 1 and isinstance(before := self._said[-2][1], FinalWords):
            early = structs.replace(event, through=0)
            late = structs.replace(before, through=event.through)
            self._said[-2], self._said[-1] = (self._said[-2][0], early), (self._said[-1][0], late)

    def _say(self, event: RecognitionEvent | None) -> None:
        if not self._is_past(self._fault.silent_after):
            self._said.append((max(anyio.current_time(), self._busy_until) + self._fault.delay, event))
            self._changed.set()

    def _placed(self, word: Word) -> Word:
        shift = self._random.randint(-self._fault.jitter, self._fault.jitter)
        return structs.replace(word, start=max(word.start + shift, 0), end=word.end + shift + self._fault.stamps_ahead)

    def _as_told(self, event: RecognitionEvent) -> RecognitionEvent:
        """A watermark that lies beyond all that was sent is a slip; one that skips audio would be a lie."""
        if isinstance(event, FinalWords) and event.through == self._heard.end:
            return structs.replace(event, through=event.through + self._fault.watermark_ahead)
        return event


class FaultyBatch:
    """A recognizer of recordings that fails by script, and is well afterwards."""

    name = "batch"

    def __init__(self, *failures: AdapterError | float, otherwise: AdapterError | None = None) -> None:
        self._failures: list[AdapterError | float] = list(failures)
        self._otherwise = otherwise
        self.requests = 0

    def supports(self, language: str) -> bool:
        return bool(language)

    async def transcribe(self, recording: AudioFrame, request: TranscriptionRequest) -> tuple[Word, ...]:
        self.requests += 1
        failure = self._failures.pop(0) if self._failures else self._otherwise
        if isinstance(failure, AdapterError):
            raise failure
        if failure is not None:
            await anyio.sleep(failure)
        return await FakeBatchSpeechToText().transcribe(recording, request)


REFUSED = Fault(refuse=TemporarilyUnavailable("no route"))
REJECTED = Fault(refuse=Rejected("wrong key (401)"))
