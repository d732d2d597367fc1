"""Speech in a finished recording, found by a pipeline of pyannote.audio in torch."""

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.from_thread
import anyio.to_thread
import numpy as np
from msgspec import Struct

from adapters.outbound import pyannote_models, torch_models
from adapters.outbound.hub_models import ModelSource
from adapters.outbound.secret import Secret
from adapters.outbound.torch_models import Device
from domain.audio import SAMPLE_RATE, AudioFrame, samples
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, TemporarilyUnavailable

SETTING = "OMI_RECORDING_VOICE_ACTIVITY_DETECTOR__PYANNOTE"
_BATCH = 8
"""Windows that are heard in one run: half a second of work on a processor, after which a call can be given up."""
_SHORTEST = SAMPLE_RATE
"""Samples; shorter recordings are filled up with silence, because the pipeline trips over a few milliseconds."""


class PyannoteRecordingVoiceActivityDetectorSettings(Struct, frozen=True, kw_only=True):
    """Which model, where it runs, and what is smoothed over."""

    model: str = pyannote_models.DEFAULT
    """A segmentation model or a pipeline for voice activity: a name on the Hugging Face hub (`owner/name`, or
    `owner/name@revision`), or a folder with the same files."""
    token: Secret = ""
    """For the hub, which gives these models to those who accepted their conditions."""
    device: Device = Device.AUTO
    step_seconds: float = 2.5
    """From one window to the next, at most the window's length. Half of it costs twice as much."""
    shortest_pause_seconds: float = 0.3
    """Shorter pauses belong to the speech around them."""
    shortest_speech_seconds: float = 0.1
    """Shorter bursts are no speech."""


class PyannoteRecordingVoiceActivityDetector:
    """One recording at a time; windows overlap and are averaged."""

    def __init__(self, settings: PyannoteRecordingVoiceActivityDetectorSettings) -> None:
        self._settings = settings
        self._pipeline: _Pipeline | None = None
        self._limiter: anyio.CapacityLimiter | None = None

    async def __aenter__(self) -> Self:
        """Imports torch, fetches the model if it is not there yet, and loads it: 7 s once it is there.

        Raises:
            Rejected: torch is not installed, or the model is not to be had as the settings say.
            TemporarilyUnavailable: the hub cannot be reached.
        """
        self._limiter = anyio.CapacityLimiter(1)
        self._pipeline = await anyio.to_thread.run_sync(_Pipeline, self._settings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets go of the model."""
        self._pipeline = None

    async def find_speech(self, recording: AudioFrame) -> tuple[tuple[int, int], ...]:
        """Stretches of speech as (start, end) positions, in order, disjoint."""
        if self._pipeline is None:
            raise TemporarilyUnavailable("pyannote's voice activity detection is not open")
        return await anyio.to_thread.run_sync(self._pipeline.find_speech, recording, limiter=self._limiter)

    async def diagnose(self) -> Diagnosis:
        """Hears ten seconds of silence."""
        began = time.perf_counter()
        try:
            await self.find_speech(AudioFrame(0, bytes(20 * SAMPLE_RATE)))
        except AdapterError as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error))
        took = (time.perf_counter() - began) * 1000
        device = self._pipeline.device if self._pipeline else ""
        finding = f"pyannote's {self._settings.model} on {device}, ten seconds of audio heard in {took:.0f} ms"
        return Diagnosis(condition=Condition.WORKING, finding=finding)


class _Pipeline:
    """pyannote's pipeline. One thread at a time."""

    def __init__(self, settings: PyannoteRecordingVoiceActivityDetectorSettings) -> None:
        pipelines = pyannote_models.imported("pyannote.audio.pipelines")
        self._torch = torch_models.imported("torch")
        self.device = torch_models.device_of(settings.device, setting=SETTING)
        source = ModelSource(name=settings.model, token=settings.token, setting=SETTING)
        found = pyannote_models.checkpoint(source)
        model = pyannote_models.model(found, device=self.device, source=source)
        smoothing = {
            "min_duration_on": settings.shortest_speech_seconds,
            "min_duration_off": settings.shortest_pause_seconds,
        }

        def load() -> Any:  # noqa: ANN401 - without types
            step = min(settings.step_seconds, model.specifications.duration)
            pipeline = pipelines.VoiceActivityDetection(segmentation=model, step=step, batch_size=_BATCH)
            # A model that judges sets of speakers has no thresholds to tune.
            thresholds = {} if model.specifications.powerset else {"onset": 0.5, "offset": 0.5}
            return pipeline.instantiate(thresholds | dict(found.parameters) | smoothing)

        self._pipeline = torch_models.loaded(load, what=settings.model, setting=SETTING)

    def find_speech(self, recording: AudioFrame) -> tuple[tuple[int, int], ...]:
        pcm = np.frombuffer(recording.pcm, "<i2")
        if not len(pcm):
            return ()
        waveform = np.zeros((1, max(len(pcm), _SHORTEST)), np.float32)
        waveform[0, : len(pcm)] = pcm
        waveform /= 32768
        file = {"waveform": self._torch.from_numpy(waveform), "sample_rate": SAMPLE_RATE, "uri": "recording"}
        found = torch_models.ran(
            lambda: self._pipeline(file, hook=_give_up_if_canceled), what=f"pyannote on {self.device}"
        )
        return tuple(_inside(recording, found.get_timeline().support()))


def _give_up_if_canceled(*_: object, **__: object) -> None:
    """Called after each batch of windows."""
    anyio.from_thread.check_cancelled()


def _inside(recording: AudioFrame, segments: Any) -> Iterator[tuple[int, int]]:  # noqa: ANN401 - without types
    for segment in segments:
        start = recording.start + samples(segment.start)
        end = min(recording.start + samples(segment.end), recording.end)
        if start < end:
            yield start, end
