"""Speech in a finished recording, found by the pyannote community-1 segmentation model, without torch."""

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import anyio
import anyio.to_thread
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adapters.outbound.segmentation_model import FRAME, FRAMES, WINDOW, SegmentationModel, stretches
from domain.audio import SAMPLE_BYTES, AudioFrame, samples
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, TemporarilyUnavailable


class SegmentationRecordingVoiceActivityDetectorSettings(Struct, frozen=True, kw_only=True):
    """How closely to look, and what to smooth over."""

    step_seconds: float = 5.0
    """From one window to the next, at most 9. Half of it costs twice as much and hears a little better in noise."""
    shortest_pause_seconds: float = 0.3
    """Shorter pauses belong to the speech around them."""
    shortest_speech_seconds: float = 0.1
    """Shorter bursts are no speech."""


class SegmentationRecordingVoiceActivityDetector:
    """Hears ten seconds at a time and takes the vote of the windows that overlap. A tie counts as speech."""

    def __init__(self, settings: SegmentationRecordingVoiceActivityDetectorSettings) -> None:
        self._settings = settings
        self._model: SegmentationModel | None = None
        self._limiter: anyio.CapacityLimiter | None = None

    async def __aenter__(self) -> Self:
        """Loads the model.

        Raises:
            Rejected: the model is not installed.
        """
        self._limiter = anyio.CapacityLimiter(1)
        self._model = await anyio.to_thread.run_sync(SegmentationModel)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets go of the model."""
        self._model = None

    async def find_speech(self, recording: AudioFrame) -> tuple[tuple[int, int], ...]:
        """Stretches of speech as (start, end) positions, in order, disjoint."""
        if self._model is None:
            raise TemporarilyUnavailable("speech segmentation is not open")
        length = recording.end - recording.start
        frames = max(0, -(-length // FRAME))
        speech, heard = np.zeros(frames + FRAMES, np.int32), np.zeros(frames + FRAMES, np.int32)
        for first in self._windows(length):
            # One hop a window, 50 ms: a long recording can be given up on, and others get their turn.
            window = await anyio.to_thread.run_sync(
                _judge, self._model, recording, first * FRAME, limiter=self._limiter
            )
            speech[first : first + FRAMES] += window
            heard[first : first + FRAMES] += 1
        active = (2 * speech >= heard) & (speech > 0)
        return stretches(
            active[:frames],
            recording,
            pause=samples(self._settings.shortest_pause_seconds),
            shortest=samples(self._settings.shortest_speech_seconds),
        )

    async def diagnose(self) -> Diagnosis:
        """Loads the model and hears ten seconds of silence."""
        try:
            finding = await anyio.to_thread.run_sync(_hear_silence)
        except AdapterError as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy="reinstall the dependencies")
        return Diagnosis(condition=Condition.WORKING, finding=finding)

    def _windows(self, length: int) -> Iterator[int]:
        """First frames of the windows that cover a recording."""
        step = max(1, round(samples(self._settings.step_seconds) / FRAME))
        first = 0
        while first * FRAME < length:
            yield first
            if first * FRAME + WINDOW >= length:
                return
            first += step


def _judge(model: SegmentationModel, recording: AudioFrame, start: int) -> NDArray[np.bool_]:
    """Whether anybody speaks in each frame of a window: (FRAMES,)."""
    active = model.active(recording.pcm[start * SAMPLE_BYTES : (start + WINDOW) * SAMPLE_BYTES])
    spoken: NDArray[np.bool_] = np.any(active, axis=1)
    return spoken


def _hear_silence() -> str:
    model = SegmentationModel()
    began = time.perf_counter()
    model.active(bytes(WINDOW * SAMPLE_BYTES))
    return f"pyannote segmentation, ten seconds of audio heard in {(time.perf_counter() - began) * 1000:.0f} ms"
