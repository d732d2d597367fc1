"""Voices in ten seconds of audio, told apart by the pyannote community-1 segmentation model, without torch."""

from types import TracebackType
from typing import Self

import anyio
import anyio.to_thread
import numpy as np
from msgspec import Struct

from adapters.outbound.segmentation_model import VOICES, WINDOW, SegmentationModel, stretches
from domain.audio import AudioFrame, samples
from domain.turns import LocalTurn, cut_at_overlap
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

_LOUDEST_SILENCE = 1
"""Steps of 16 bits. The model is not asked about audio that never leaves them."""


class SegmentationSpeakerSegmenterSettings(Struct, frozen=True, kw_only=True):
    """What to smooth over, and how much to do at once."""

    shortest_pause_seconds: float = 0.1
    """A voice that pauses for less goes on."""
    shortest_turn_seconds: float = 0.1
    """Shorter bursts are no turn."""
    workers: int = 1
    """Windows heard at the same time, each on a core of its own."""


class SegmentationSpeakerSegmenter:
    """Hears up to three voices in ten seconds, two of them at the same time."""

    window = WINDOW

    def __init__(self, settings: SegmentationSpeakerSegmenterSettings) -> None:
        self._settings = settings
        self._model: SegmentationModel | None = None
        self._limiter: anyio.CapacityLimiter | None = None

    async def __aenter__(self) -> Self:
        """Loads the model.

        Raises:
            Rejected: the model is not installed.
        """
        self._limiter = anyio.CapacityLimiter(self._settings.workers)
        self._model = await anyio.to_thread.run_sync(SegmentationModel)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets go of the model."""
        self._model = None

    async def segment(self, recording: AudioFrame) -> tuple[LocalTurn, ...]:
        """Turns of the voices, in a thread; some 50 ms of work."""
        if self._model is None:
            raise TemporarilyUnavailable("speaker segmentation is not open")
        length = recording.end - recording.start
        if length > WINDOW:
            raise Rejected(f"{length} samples are too many to be heard at once, it takes {WINDOW} at most")
        if not length:
            return ()
        return await anyio.to_thread.run_sync(self._turns, self._model, recording, limiter=self._limiter)

    async def diagnose(self) -> Diagnosis:
        """Loads the model and hears a window of noise."""
        try:
            await anyio.to_thread.run_sync(_hear_noise)
        except AdapterError as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy="reinstall the dependencies")
        return Diagnosis(condition=Condition.WORKING, finding="pyannote community-1, ten seconds of audio heard")

    def _turns(self, model: SegmentationModel, recording: AudioFrame) -> tuple[LocalTurn, ...]:
        if np.abs(np.frombuffer(recording.pcm, "<i2").astype(np.int32)).max() <= _LOUDEST_SILENCE:
            return ()
        active = model.active(recording.pcm)
        pause, shortest = samples(self._settings.shortest_pause_seconds), samples(self._settings.shortest_turn_seconds)
        turns = [
            LocalTurn(start, end, voice)
            for voice in range(VOICES)
            for start, end in stretches(active[:, voice], recording, pause=pause, shortest=shortest)
        ]
        return tuple(cut_at_overlap(turns))


def _hear_noise() -> None:
    SegmentationModel().active(np.random.default_rng(0).normal(0, 1000, WINDOW).astype("<i2").tobytes())
