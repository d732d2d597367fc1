"""Speech in a finished recording, found by the pyannote community-1 segmentation model, without torch."""

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.to_thread
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adapters.outbound import onnx_models
from domain.audio import SAMPLE_BYTES, AudioFrame, samples
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, TemporarilyUnavailable

WINDOW = 160_000
"""Samples that the model looks at: ten seconds."""
FRAMES = 589
"""Judgments it gives for them."""
FRAME = 270
"""Samples from one judgment to the next."""
FIRST = 360
"""Where the first judgment's stretch starts: the middle of its field of view, less half a frame."""

Votes = NDArray[np.int32]


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
        self._session: Any = None
        self._limiter: anyio.CapacityLimiter | None = None

    async def __aenter__(self) -> Self:
        """Loads the model.

        Raises:
            Rejected: the model is not installed.
        """
        self._limiter = anyio.CapacityLimiter(1)
        self._session = await anyio.to_thread.run_sync(onnx_models.session, onnx_models.SEGMENTATION)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets go of the model."""
        self._session = None

    async def find_speech(self, recording: AudioFrame) -> tuple[tuple[int, int], ...]:
        """Stretches of speech as (start, end) positions, in order, disjoint."""
        if self._session is None:
            raise TemporarilyUnavailable("speech segmentation is not open")
        length = recording.end - recording.start
        frames = max(0, -(-length // FRAME))
        speech, heard = np.zeros(frames + FRAMES, np.int32), np.zeros(frames + FRAMES, np.int32)
        for first in self._windows(length):
            # One hop a window, 50 ms: a long recording can be given up on, and others get their turn.
            window = await anyio.to_thread.run_sync(self._judge, recording, first * FRAME, limiter=self._limiter)
            speech[first : first + FRAMES] += window
            heard[first : first + FRAMES] += 1
        active = (2 * speech >= heard) & (speech > 0)
        return tuple(self._stretches(active[:frames], recording))

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

    def _judge(self, recording: AudioFrame, start: int) -> Votes:
        """Whether anybody speaks in each frame of a window: (FRAMES,) zeros and ones."""
        pcm = recording.pcm[start * SAMPLE_BYTES : (start + WINDOW) * SAMPLE_BYTES]
        waveforms = np.zeros((1, 1, WINDOW), np.float32)
        waveforms[0, 0, : len(pcm) // SAMPLE_BYTES] = np.frombuffer(pcm, "<i2")
        waveforms /= 32768
        speakers = onnx_models.run(self._session, {"waveforms": waveforms})[0][0]
        votes: Votes = (speakers.max(axis=1) > 0.5).astype(np.int32)
        return votes

    def _stretches(self, active: NDArray[np.bool_], recording: AudioFrame) -> Iterator[tuple[int, int]]:
        pause = samples(self._settings.shortest_pause_seconds)
        shortest = samples(self._settings.shortest_speech_seconds)
        edges = np.flatnonzero(np.diff(active.astype(np.int8), prepend=0, append=0))
        positions = [_position(edge, recording) for edge in edges.tolist()]
        # Starts and ends alternate; a short pause is an end that lies just before the next start.
        pauses = [k for k in range(1, len(positions) - 1, 2) if positions[k + 1] - positions[k] < pause]
        for k in reversed(pauses):
            del positions[k : k + 2]
        stretches = zip(positions[::2], positions[1::2], strict=True)
        return ((start, end) for start, end in stretches if end - start >= shortest)


def _position(frame: int, recording: AudioFrame) -> int:
    """Where a frame starts in the capture. The first reaches back to the start of the recording."""
    return min(recording.start + (frame * FRAME + FIRST if frame else 0), recording.end)


def _hear_silence() -> str:
    session = onnx_models.session(onnx_models.SEGMENTATION)
    began = time.perf_counter()
    onnx_models.run(session, {"waveforms": np.zeros((1, 1, WINDOW), np.float32)})
    return f"pyannote segmentation, ten seconds of audio heard in {(time.perf_counter() - began) * 1000:.0f} ms"
