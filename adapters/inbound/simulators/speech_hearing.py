"""A simulated recognizer that understands people: by a real one behind it."""

import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from adapters.inbound.simulators.hearing import Hearing
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from domain.recognition import FinalWords
from domain.watermark import HeardWord
from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream

_STEP = SAMPLE_RATE // 50 * SAMPLE_BYTES


class SpokenWord(HeardWord, frozen=True, gc=False):
    """A word that somebody said."""

    spelling: str = ""

    @property
    def text(self) -> str:
        """As the recognizer wrote it."""
        return self.spelling


@asynccontextmanager
async def listening_to_speech(recognizer: SpeechToText) -> AsyncIterator[Hearing]:
    """Hears English with a recognizer that is open.

    Raises (on entering):
        TemporarilyUnavailable, Rejected: as the recognizer does.
    """
    outgoing, frames = anyio.create_memory_object_stream[AudioFrame | None](math.inf)
    async with recognizer.open_stream(TranscriptionRequest()) as stream:
        hearing = SpeechHearing(outgoing.send_nowait)
        tasks = await anyio.create_task_group().__aenter__()
        tasks.start_soon(_send, frames, stream)
        tasks.start_soon(_hear, stream, hearing)
        try:
            yield hearing
        finally:
            tasks.cancel_scope.cancel()
            # The tasks are told to stop, not what went wrong in the session: else its error would leave in a group.
            await tasks.__aexit__(None, None, None)
            outgoing.close()
            frames.close()


class SpeechHearing:
    """Hands audio to a recognizer, and collects what it understands, when it does. See `Hearing`."""

    def __init__(self, send: Callable[[AudioFrame | None], None]) -> None:
        """A hearing that has heard nothing.

        Args:
            send: takes audio for the recognizer; None for a pause.
        """
        self._send = send
        self._words: list[HeardWord] = []
        self._fresh: list[HeardWord] = []
        """Words that were understood since the last step."""
        self._count = 0
        self._taken = 0
        """How far the audio was accounted for at the last `take`."""
        self._spoken_to = 0
        self._progress = anyio.Event()
        self.position = 0
        """Samples heard so far."""
        self.understood = 0
        """Where the recognizer's final words end."""

    @property
    def waiting(self) -> tuple[HeardWord, ...]:
        """The words heard since the last `take`."""
        return tuple(self._words)

    @property
    def speaking(self) -> bool:
        """Whether the recognizer still thinks about all that is new."""
        return self.understood <= self._taken

    @property
    def quiet(self) -> int:
        """Samples since somebody spoke."""
        return self.position - self._spoken_to

    def steps(self, pcm: bytes) -> Iterator[tuple[HeardWord, ...]]:
        """Hands audio on; gives the words that were understood meanwhile."""
        for at in range(0, len(pcm), _STEP):
            frame = AudioFrame(self.position, pcm[at : at + _STEP])
            self._send(frame)
            self.position = frame.end
            yield self.flush()

    async def settle(self) -> None:
        """Waits for the recognizer's final words on all that was heard."""
        self._send(None)
        while self.understood < self.position:
            self._progress = anyio.Event()
            await self._progress.wait()

    def flush(self) -> tuple[HeardWord, ...]:
        """The words that were understood since the last step."""
        fresh, self._fresh = tuple(self._fresh), []
        return fresh

    def take(self) -> tuple[tuple[HeardWord, ...], int]:
        """The words heard since the last time, and how far the audio is accounted for with them."""
        words, self._words = tuple(self._words), []
        self._taken = self.understood
        return words, self.understood

    def understand(self, event: FinalWords) -> None:
        """Takes what the recognizer says."""
        for word in event.words:
            self._fresh.append(SpokenWord(self._count, word.start, word.end, spelling=word.text))
            self._count += 1
        self._words += self._fresh[len(self._fresh) - len(event.words) :]
        self._spoken_to = self._words[-1].end if event.words else self._spoken_to
        self.understood = event.through
        self._progress.set()


async def _send(frames: MemoryObjectReceiveStream[AudioFrame | None], stream: TranscriptionStream) -> None:
    async for frame in frames:
        await (stream.finalize() if frame is None else stream.send(frame))


async def _hear(stream: TranscriptionStream, hearing: "SpeechHearing") -> None:
    async for event in stream:
        if isinstance(event, FinalWords):
            hearing.understand(event)
