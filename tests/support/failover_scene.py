"""Numbered words, spoken to a chain of recognizers in virtual time."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from msgspec import Struct

from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from adapters.outbound.speech_to_text.failover.relay import Relay
from domain import watermark
from domain.audio import SAMPLE_RATE, AudioFrame, samples
from domain.ledger import CaptureLedger
from domain.recognition import FinalWords, InterimWords, RecognitionEvent, RecognizerChanged
from domain.transcript import Word
from ports.batch_speech_to_text import BatchSpeechToText
from ports.speech_to_text import SpeechToText, TranscriptionRequest
from tests.support.virtual_time import LoopClock, in_virtual_time

PACKET = 800
PAUSE = 1_600
WORD = watermark.WORD_SAMPLES + PAUSE
"""A word and its pause: 0.3 seconds."""
EXACT = 320


class Told(Struct, frozen=True):
    """An event, and when it came."""

    at: float
    event: RecognitionEvent


class Scene:
    """A speaker and a listener at one stream."""

    def __init__(self, stream: Relay) -> None:
        self.stream = stream
        self.told: list[Told] = []
        self.places: list[int] = []
        self.position = 0
        self.ended = anyio.Event()
        self._ledger = CaptureLedger()
        self._settled = 0
        self._said = 0

    async def say(self, words: int, *, speed: float = 1.0) -> None:
        """Says the next words."""
        for number in range(len(self.places), len(self.places) + words):
            self.places.append(self.position)
            pcm = watermark.word(number) + bytes(2 * PAUSE)
            for at in range(0, len(pcm), 2 * PACKET):
                await self._send(pcm[at : at + 2 * PACKET])
                await anyio.sleep(PACKET / SAMPLE_RATE / speed)

    async def pause(self, seconds: float) -> None:
        """Says nothing, and sends nothing."""
        await self.stream.finalize()
        await anyio.sleep(seconds)
        self.position += samples(seconds)
        self._ledger.skip(self.position, "silence")

    async def finish(self, *, within: float = 600.0) -> None:
        """Ends, and waits until all was heard."""
        await self.stream.finalize()
        await self.stream.send_eof()
        with anyio.fail_after(within):
            await self.ended.wait()
        self.assert_nothing_lost()

    async def listen(self) -> None:
        async for event in self.stream:
            self.told.append(Told(anyio.current_time(), event))
            if isinstance(event, FinalWords):
                self._settled += self._ledger.finalize(event.through, recognizer=event.recognizer, since=event.since)
        self.ended.set()

    @property
    def events(self) -> list[RecognitionEvent]:
        return [told.event for told in self.told]

    @property
    def changes(self) -> list[str | None]:
        return [event.recognizer for event in self.events if isinstance(event, RecognizerChanged)]

    @property
    def heard_by(self) -> set[str]:
        return {event.recognizer for event in self.events if isinstance(event, FinalWords) and event.words}

    @property
    def words(self) -> list[Word]:
        found = [word for event in self.events if isinstance(event, FinalWords) for word in event.words]
        return sorted(found, key=lambda word: word.start)

    def first(self, text: str, *, kind: type[FinalWords] | type[InterimWords] = FinalWords) -> float:
        """When a word was told first."""
        return next(
            told.at
            for told in self.told
            if isinstance(told.event, kind) and text in {word.text for word in told.event.words}
        )

    def assert_nothing_lost(self, *, exact: int = EXACT) -> None:
        assert [word.text for word in self.words] == [watermark.text_of(number) for number in range(len(self.places))]
        for word, place in zip(self.words, self.places, strict=True):
            assert abs(word.start - place) <= exact, (word, place)
            assert abs(word.end - place - watermark.WORD_SAMPLES) <= exact, (word, place)
        assert self._settled == self._said
        assert not self._ledger.pending()

    async def _send(self, pcm: bytes) -> None:
        frame = AudioFrame(self.position, pcm)
        self._ledger.capture(frame.end)
        self._ledger.send(frame.start, frame.end)
        self._said += frame.end - frame.start
        self.position = frame.end
        await self.stream.send(frame)


@asynccontextmanager
async def scene_over(recognizer: FailoverSpeechToText) -> AsyncIterator[Scene]:
    """A stream with somebody who listens."""
    async with (
        recognizer.open_stream(TranscriptionRequest(interim=True)) as stream,
        anyio.create_task_group() as tasks,
    ):
        scene = Scene(stream)
        tasks.start_soon(scene.listen)
        yield scene
        tasks.cancel_scope.cancel()


def play(
    act: Callable[[Scene], Awaitable[None]],
    *chain: SpeechToText,
    batch: Sequence[BatchSpeechToText] = (),
    folder: Path | None = None,
) -> Scene:
    """One scene in virtual time; nothing may stay behind."""

    async def played() -> Scene:
        async with (
            FailoverSpeechToText(chain, batch=batch, clock=LoopClock(), folder=folder) as recognizer,
            scene_over(recognizer) as scene,
        ):
            await act(scene)
        return scene

    scene = in_virtual_time(played)
    assert [getattr(recognizer, "open", 0) for recognizer in chain] == [0] * len(chain)
    return scene
