"""A recognizer of watermarked speech that fails by script."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from msgspec import Struct

from adapters.outbound.speech_to_text.fake import FakeSpeechToText
from domain.audio import AudioFrame
from domain.recognition import FinalWords, RecognitionEvent
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.speech_to_text import Terms, TranscriptionRequest, TranscriptionStream


class Fault(Struct, frozen=True, kw_only=True):
    """What goes wrong with one connection."""

    refuse: AdapterError | None = None
    """Raised on opening."""
    dies_after: int | None = None
    """Samples after which it breaks off."""
    silent_after: int | None = None
    """Samples after which it takes audio and says nothing."""
    no_finals: bool = False
    hangs: bool = False
    """Opening never returns."""


HEALTHY = Fault()


class FaultyRecognizer:
    """Connection after connection, each with its own fault; behind the last one all is well."""

    terms = Terms(patience=1.0)

    def __init__(self, name: str, *faults: Fault, otherwise: Fault = HEALTHY) -> None:
        self.name = name
        self._faults = list(faults)
        self._otherwise = otherwise
        self.connections = 0

    def supports(self, language: str) -> bool:
        return bool(language)

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        fault = self._faults.pop(0) if self._faults else self._otherwise
        self.connections += 1
        if fault.refuse is not None:
            raise fault.refuse
        if fault.hangs:
            await anyio.sleep_forever()
        async with FakeSpeechToText().open_stream(request) as stream:
            yield _FaultyStream(stream, fault, self.name)


class _FaultyStream:
    def __init__(self, stream: TranscriptionStream, fault: Fault, name: str) -> None:
        self._stream = stream
        self._fault = fault
        self._name = name
        self._sent = 0
        self._dead = anyio.Event()

    async def send(self, frame: AudioFrame) -> None:
        self._sent += frame.end - frame.start
        if self._fault.dies_after is not None and self._sent > self._fault.dies_after:
            self._dead.set()
            raise TemporarilyUnavailable(f"{self._name} hung up")
        if not self._is_silent:
            await self._stream.send(frame)

    @property
    def _is_silent(self) -> bool:
        return self._fault.silent_after is not None and self._sent > self._fault.silent_after

    async def finalize(self) -> None:
        if not self._is_silent:
            await self._stream.finalize()

    async def send_eof(self) -> None:
        if not self._is_silent:
            await self._stream.send_eof()

    async def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        async for event in self._stream:
            if isinstance(event, FinalWords):
                if self._fault.no_finals:
                    continue
                event = FinalWords(event.words, event.through, self._name)
            yield event
            if self._dead.is_set():
                raise TemporarilyUnavailable(f"{self._name} hung up")


REFUSED = Fault(refuse=TemporarilyUnavailable("no route"))
REJECTED = Fault(refuse=Rejected("wrong key (401)"))
