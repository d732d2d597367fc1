"""Live voice activity by pyannote's segmentation model, in torch: seconds of a capture, judged twice a second."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Annotated, Self

import anyio.to_thread
from msgspec import Meta, Struct

from adapters.outbound import pyannote_models
from adapters.outbound.hub_models import ModelSource
from adapters.outbound.secret import Secret
from adapters.outbound.torch_models import Device
from adapters.outbound.voice_activity_detector.captures import Captures
from adapters.outbound.voice_activity_detector.pyannote_model import WINDOW, PyannoteModel
from adapters.outbound.voice_activity_detector.pyannote_rounds import PyannoteRounds
from adapters.outbound.voice_activity_detector.pyannote_stream import PyannoteStream
from domain.audio import samples
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, TemporarilyUnavailable

SETTING = "OMI_VOICE_ACTIVITY_DETECTOR__PYANNOTE"


class PyannoteVoiceActivityDetectorSettings(Struct, frozen=True, kw_only=True):
    """Which model, where it runs, and how often it is asked."""

    model: str = pyannote_models.DEFAULT
    """A segmentation model or a pipeline for voice activity: a name on the Hugging Face hub (`owner/name`, or
    `owner/name@revision`), or a folder with the same files."""
    token: Secret = ""
    """For the hub, which gives these models to those who accepted their conditions."""
    device: Device = Device.AUTO
    context_seconds: Annotated[float, Meta(ge=1, le=30)] = 5.0
    """That the model looks at. Models are trained on ten; half of that costs half."""
    step_seconds: Annotated[float, Meta(ge=0.032, le=10)] = 0.512
    """From one judgment to the next: by so much a judgment comes late, at most. Half of it costs twice as much."""
    batch: Annotated[int, Meta(ge=1, le=1024)] = 16
    """Captures that are judged in one run, at most."""


class PyannoteVoiceActivityDetector:
    """Judges windows of 32 ms, some sixteen at a time. Captures share runs of the model and nothing else."""

    window = WINDOW

    def __init__(self, settings: PyannoteVoiceActivityDetectorSettings) -> None:
        self._settings = settings
        self._source = ModelSource(name=settings.model, token=settings.token, setting=SETTING)
        self._captures: Captures[PyannoteStream] = Captures()
        self._device = ""
        self._rounds: PyannoteRounds | None = None

    async def __aenter__(self) -> Self:
        """Imports torch, fetches the model if it is not there yet, and loads it: 7 s once it is there.

        Raises:
            Rejected: torch is not installed, or the model is not to be had as the settings say.
            TemporarilyUnavailable: the hub cannot be reached.
        """
        model = await anyio.to_thread.run_sync(lambda: PyannoteModel(self._source, device=self._settings.device))
        self._device = model.device
        self._rounds = PyannoteRounds(model, batch=self._settings.batch)
        await self._captures.open(self._rounds.run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the rounds. Whoever still waits for a judgment learns it."""
        rounds, self._rounds = self._rounds, None
        if rounds:
            rounds.close()
        await self._captures.close()

    @asynccontextmanager
    async def open_stream(self) -> AsyncIterator[PyannoteStream]:
        """Joins a capture."""
        if self._rounds is None:
            raise TemporarilyUnavailable("voice activity detection is not open")
        rounds, settings = self._rounds, self._settings
        step = max(1, samples(settings.step_seconds) // WINDOW)
        stream = PyannoteStream(
            context=max(step, samples(settings.context_seconds) // WINDOW),
            step=step,
            patience=settings.step_seconds,
            on_ready=rounds.join,
        )
        async with self._captures.joined(stream, forget=rounds.forget):
            yield stream

    async def diagnose(self) -> Diagnosis:
        """Judges a window of silence."""
        began = time.perf_counter()
        try:
            async with self.open_stream() as stream:
                stream.push(bytes(2 * WINDOW))
                await stream.flush()
        except AdapterError as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error))
        took = (time.perf_counter() - began) * 1000
        finding = f"pyannote's {self._settings.model} on {self._device}, a step of one capture judged in {took:.0f} ms"
        return Diagnosis(condition=Condition.WORKING, finding=finding)
