"""A recognizer whose use is counted: what it heard, how long it was connected, and what that costs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from types import TracebackType
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from application.listening.outbox import straight_to
from application.listening.short_way import Taker, hear_straight
from domain.audio import SAMPLE_BYTES, AudioFrame, seconds
from domain.ids import UserId
from domain.recognition import RecognitionEvent
from domain.usage import Usage, billed, price
from ports.clock import Clock
from ports.errors import TemporarilyUnavailable
from ports.speech_to_text import SpeechToText, TranscriptionRequest, TranscriptionStream
from ports.usage_ledger import UsageLedger

MOST_AT_ONCE = 500
RETRY_SECONDS = 5.0


class MeteredSpeechToText:
    """Passes everything through, and writes a row for each connection that is over.

    Rows are written by a task of its own: a ledger that is slow or away never delays a capture.
    """

    def __init__(
        self, recognizer: SpeechToText, *, ledger: UsageLedger, clock: Clock, dollars_per_hour: float = 0.0
    ) -> None:
        self.name = recognizer.name
        self.terms = recognizer.terms
        self._recognizer = recognizer
        self._ledger = ledger
        self._clock = clock
        self._price = dollars_per_hour

    async def __aenter__(self) -> "MeteredSpeechToText":
        context: Any = self._recognizer
        if hasattr(context, "__aenter__"):
            await context.__aenter__()
        self._rows, rows = anyio.create_memory_object_stream[Usage](float("inf"))
        self._tasks = await anyio.create_task_group().__aenter__()
        self._tasks.start_soon(self._write, rows)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()
        self._tasks.cancel_scope.deadline = anyio.current_time() + RETRY_SECONDS
        await self._tasks.__aexit__(None, None, None)
        context: Any = self._recognizer
        if hasattr(context, "__aexit__"):
            await context.__aexit__(kind, error, trace)

    def supports(self, language: str) -> bool:
        """As the recognizer does."""
        return self._recognizer.supports(language)

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator["_MeteredStream"]:
        """As the recognizer does; raises what it raises."""
        async with self._recognizer.open_stream(request) as stream:
            metered = _MeteredStream(stream)
            started_at, opened = self._clock.now(), self._clock.monotonic()
            try:
                yield metered
            finally:
                self._count(request.user, started_at, self._clock.monotonic() - opened, seconds(metered.samples))

    async def diagnose(self) -> Any:  # noqa: ANN401 - a Diagnosis
        """How the recognizer does."""
        context: Any = self._recognizer
        return await context.diagnose()

    def _count(self, user: UserId, started_at: datetime, opened: float, audio: float) -> None:
        charged = billed(self.terms.billing, audio=audio, opened=opened, least=self.terms.least_billed)
        self._rows.send_nowait(
            Usage(
                user=user,
                recognizer=self.name,
                started_at=started_at,
                open_seconds=opened,
                audio_seconds=audio,
                billed_seconds=charged,
                micro_dollars=price(charged, dollars_per_hour=self._price),
            )
        )

    async def _write(self, rows: MemoryObjectReceiveStream[Usage]) -> None:
        with rows:
            async for row in rows:
                batch = [row]
                while len(batch) < MOST_AT_ONCE and rows.statistics().current_buffer_used:
                    batch.append(rows.receive_nowait())
                await self._record(batch)

    async def _record(self, batch: list[Usage]) -> None:
        while True:
            try:
                await self._ledger.record(batch)
            except TemporarilyUnavailable:
                await self._clock.sleep(RETRY_SECONDS)
            else:
                return


class _MeteredStream:
    """Counts samples on their way."""

    def __init__(self, stream: TranscriptionStream) -> None:
        self._stream = stream
        self._straight = straight_to(stream)
        self.samples = 0
        self.finalize = stream.finalize
        self.send_eof = stream.send_eof

    async def send(self, frame: AudioFrame) -> None:
        """Counts a frame and hands it over."""
        await self._stream.send(frame)
        self.samples += len(frame.pcm) // SAMPLE_BYTES

    def take(self, frame: AudioFrame) -> bool:
        """The same by the short way, where the recognizer has one."""
        if not self._straight(frame):
            return False
        self.samples += len(frame.pcm) // SAMPLE_BYTES
        return True

    def hear_straight(self, taker: Taker[RecognitionEvent]) -> None:
        """As the recognizer does, where it can."""
        hear_straight(self._stream, taker)

    def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        """The recognizer's events."""
        return aiter(self._stream)
