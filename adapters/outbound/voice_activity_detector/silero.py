"""Silero voice activity detection without torch: one run of the model for all captures that are live."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import anyio.to_thread
from msgspec import Struct

from adapters.outbound.voice_activity_detector.captures import Captures
from adapters.outbound.voice_activity_detector.silero_model import (
    CONTEXT_BYTES,
    WINDOW,
    SileroModel,
    Stretch,
    blank_state,
)
from adapters.outbound.voice_activity_detector.silero_stream import SileroStream
from adapters.outbound.voice_activity_detector.silero_ticker import SileroTicker
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, TemporarilyUnavailable


class SileroVoiceActivityDetectorSettings(Struct, frozen=True, kw_only=True):
    """How captures are gathered."""

    tick_seconds: float = 0.064
    """Between two runs of the model. Longer: fewer thread hops; shorter: judgments come sooner."""


class SileroVoiceActivityDetector:
    """Judges windows of 32 ms. Captures share runs of the model, never what it remembers of them."""

    window = WINDOW

    def __init__(self, settings: SileroVoiceActivityDetectorSettings) -> None:
        self._settings = settings
        self._captures: Captures[SileroStream] = Captures()
        self._ticker: SileroTicker | None = None

    async def __aenter__(self) -> Self:
        """Loads the model and starts the clockwork.

        Raises:
            Rejected: the model is not installed.
        """
        model = await anyio.to_thread.run_sync(SileroModel.load)
        self._ticker = SileroTicker(model, tick_seconds=self._settings.tick_seconds)
        await self._captures.open(self._ticker.run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops the clockwork. Whoever still waits for a judgment learns it."""
        self._ticker = None
        await self._captures.close()

    @asynccontextmanager
    async def open_stream(self) -> AsyncIterator[SileroStream]:
        """Joins a capture."""
        if self._ticker is None:
            raise TemporarilyUnavailable("voice activity detection is not open")
        ticker = self._ticker
        stream = SileroStream(on_ready=ticker.wait, on_pressing=ticker.press)
        async with self._captures.joined(stream, forget=ticker.forget):
            yield stream

    async def diagnose(self) -> Diagnosis:
        """Loads the model and judges one window of silence."""
        try:
            finding = await anyio.to_thread.run_sync(_judge_silence)
        except AdapterError as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy="reinstall the dependencies")
        return Diagnosis(condition=Condition.WORKING, finding=finding)


def _judge_silence() -> str:
    model = SileroModel.load()
    began = time.perf_counter()
    model.judge([Stretch(bytes(CONTEXT_BYTES + WINDOW * 2), blank_state())])
    return f"Silero, one window of 32 ms judged in {(time.perf_counter() - began) * 1000:.1f} ms"
