"""WeSpeaker's speaker model (ResNet34, as in pyannote community-1), without torch."""

import time
from functools import partial
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.to_thread
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adapters.outbound import onnx_models
from adapters.outbound.speaker_encoder.fbank import Floats, MelFilters
from adapters.outbound.speaker_encoder.stretch import heard
from adapters.outbound.yielding_threads import YieldingThreads
from domain.audio import samples
from domain.embedding import Embedding
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, TemporarilyUnavailable

DIMENSION = 256
SHORTEST = 16_000
"""One second. Two voices are mistaken for one in 5 of 100 pairs at that length, in 8 at 0.75 s, in 16 at 0.5 s."""


class WeSpeakerSpeakerEncoderSettings(Struct, frozen=True, kw_only=True):
    """How much work a voice is worth."""

    longest_seconds: float = 10.0
    """Of a longer stretch the middle is heard: cost grows with length, and three seconds tell most voices apart."""
    workers: int = 1
    """Voices encoded at the same time, each on a core of its own."""


class WeSpeakerSpeakerEncoder:
    """Vectors whose cosine is above some 0.42 for one voice and below for two, noise or not."""

    name = "wespeaker-resnet34-community-1"
    dimension = DIMENSION
    shortest = SHORTEST
    threshold = 0.42
    margin = 0.05

    def __init__(self, settings: WeSpeakerSpeakerEncoderSettings) -> None:
        self._settings = settings
        self._model: _Model | None = None
        self._limiter: anyio.CapacityLimiter | None = None
        self._threads: YieldingThreads | None = None

    async def __aenter__(self) -> Self:
        """Loads the model.

        Raises:
            Rejected: the model is not installed.
        """
        self._limiter = anyio.CapacityLimiter(self._settings.workers)
        self._threads = YieldingThreads(most=self._settings.workers)
        self._model = await anyio.to_thread.run_sync(_Model)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets go of the model."""
        threads, self._threads, self._model = self._threads, None, None
        if threads is not None:
            threads.close()

    async def encode(self, pcm: bytes) -> Embedding:
        """The voice in a stretch of speech; some 0.05 s of work for a second of speech.

        The model runs in a thread that lets others go first: beside one that does not, the recognizer takes twice as
        long on the same core. What the model hears is made in another one, because that takes the interpreter's lock
        many times: who holds it must not be the last to get the processor.
        """
        if self._model is None or self._threads is None:
            raise TemporarilyUnavailable("speaker encoding is not open")
        stretch = heard(pcm, shortest=SHORTEST, longest=samples(self._settings.longest_seconds))
        features = await anyio.to_thread.run_sync(self._model.features, stretch, limiter=self._limiter)
        return await self._threads.run(partial(self._model.encode, features))

    async def diagnose(self) -> Diagnosis:
        """Loads the model and encodes a second of noise."""
        try:
            finding = await anyio.to_thread.run_sync(_encode_noise)
        except AdapterError as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy="reinstall the dependencies")
        return Diagnosis(condition=Condition.WORKING, finding=finding)


class _Model:
    """The model and its ears. Threads may share it."""

    def __init__(self) -> None:
        self._session: Any = onnx_models.session(onnx_models.SPEAKER_EMBEDDING)
        self._filters = MelFilters()

    def features(self, stretch: NDArray[np.int16]) -> Floats:
        return self._filters.features(stretch)

    def encode(self, features: Floats) -> Embedding:
        inputs = {"fbank": features[None], "weights": np.ones((1, len(features)), np.float32)}
        vector = onnx_models.run(self._session, inputs)[0][0]
        length = float(np.linalg.norm(vector))
        if not np.isfinite(length) or length == 0:
            raise TemporarilyUnavailable(f"the speaker model gave a vector of length {length}")
        return Embedding((vector / length).astype("<f4").tobytes())


def _encode_noise() -> str:
    model = _Model()
    noise = np.random.default_rng(0).normal(0, 1000, 16_000).astype(np.int16)
    began = time.perf_counter()
    model.encode(model.features(noise))
    return f"WeSpeaker, one second of audio encoded in {(time.perf_counter() - began) * 1000:.0f} ms"
