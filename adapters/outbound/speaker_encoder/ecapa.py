"""SpeechBrain's speaker model (ECAPA-TDNN, trained on VoxCeleb), in torch."""

import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.to_thread
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adapters.outbound import torch_models
from adapters.outbound.hub_models import ModelSource, folder_of
from adapters.outbound.secret import Secret
from adapters.outbound.speaker_encoder.stretch import heard
from adapters.outbound.torch_models import Device
from domain.audio import SAMPLE_RATE, samples
from domain.embedding import Embedding
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

DIMENSION = 192
SHORTEST = 16_000
"""One second."""
SETTING = "OMI_SPEAKER_ENCODER__ECAPA"
_FILES = ("*.yaml", "*.ckpt", "*.txt")


class EcapaSpeakerEncoderSettings(Struct, frozen=True, kw_only=True):
    """Which model, where it runs, and how much work a voice is worth."""

    model: str = "speechbrain/spkrec-ecapa-voxceleb"
    """A name on the Hugging Face hub (`owner/name`, or `owner/name@revision`), or a folder with the same files."""
    token: Secret = ""
    """For the hub, where the model is not open to everybody."""
    device: Device = Device.AUTO
    longest_seconds: float = 10.0
    """Of a longer stretch the middle is heard."""
    workers: int = 1
    """Voices encoded at the same time, each on a core of its own."""


class EcapaSpeakerEncoder:
    """Vectors as SpeechBrain's own recognition compares them: above a cosine of 0.25 it takes two for one voice.

    That figure is SpeechBrain's default; it has not been calibrated on stretches of three seconds.
    """

    dimension = DIMENSION
    shortest = SHORTEST
    threshold = 0.25
    margin = 0.05

    def __init__(self, settings: EcapaSpeakerEncoderSettings) -> None:
        # Other weights are another space, wherever they lie.
        self.name = f"speechbrain-{Path(settings.model).name.partition('@')[0]}"
        self._settings = settings
        self._model: _Model | None = None
        self._limiter: anyio.CapacityLimiter | None = None

    async def __aenter__(self) -> Self:
        """Imports torch, fetches the model if it is not there yet, and loads it: 3 s once it is there.

        Raises:
            Rejected: torch is not installed, or the model is not to be had as the settings say.
            TemporarilyUnavailable: the hub cannot be reached.
        """
        self._limiter = anyio.CapacityLimiter(self._settings.workers)
        self._model = await anyio.to_thread.run_sync(_Model, self._settings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets go of the model."""
        self._model = None

    async def encode(self, pcm: bytes) -> Embedding:
        """The voice in a stretch of speech, in a thread; some 0.08 s of work for a second of speech on a processor."""
        if self._model is None:
            raise TemporarilyUnavailable("speaker encoding is not open")
        stretch = heard(pcm, shortest=SHORTEST, longest=samples(self._settings.longest_seconds))
        return await anyio.to_thread.run_sync(self._model.encode, stretch, limiter=self._limiter)

    async def diagnose(self) -> Diagnosis:
        """Encodes a second of noise."""
        began = time.perf_counter()
        noise = np.random.default_rng(0).normal(0, 1000, SAMPLE_RATE).astype("<i2").tobytes()
        try:
            await self.encode(noise)
        except AdapterError as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error))
        took = (time.perf_counter() - began) * 1000
        device = self._model.device if self._model else ""
        finding = f"ECAPA-TDNN of {self._settings.model} on {device}, one second of audio encoded in {took:.0f} ms"
        return Diagnosis(condition=Condition.WORKING, finding=finding)


class _Model:
    """The model and its ears. Threads may share it."""

    def __init__(self, settings: EcapaSpeakerEncoderSettings) -> None:
        speaker = torch_models.imported("speechbrain.inference.speaker")
        self._torch = torch_models.imported("torch")
        self.device = torch_models.device_of(settings.device, setting=SETTING)
        source = ModelSource(name=settings.model, token=settings.token, setting=SETTING)
        folder = folder_of(source, files=_FILES)
        self._encoder = torch_models.loaded(lambda: self._load(speaker, folder), what=settings.model, setting=SETTING)
        found = self.encode(np.random.default_rng(0).integers(-1000, 1000, SAMPLE_RATE, np.int16))
        if len(found) != 4 * DIMENSION:
            raise Rejected(f"{SETTING}__MODEL is {settings.model!r}; expected a model of {DIMENSION} dimensions")

    def encode(self, stretch: NDArray[np.int16]) -> Embedding:
        vector = torch_models.ran(lambda: self._run(stretch), what=f"speaker encoding on {self.device}")
        length = float(np.linalg.norm(vector))
        if not np.isfinite(length) or length == 0:
            raise TemporarilyUnavailable(f"the speaker model gave a vector of length {length}")
        return Embedding((vector / length).astype("<f4").tobytes())

    def _run(self, stretch: NDArray[np.int16]) -> NDArray[np.float32]:
        wave = self._torch.from_numpy(stretch.astype(np.float32) / 32768)
        with self._torch.inference_mode():
            vector: NDArray[np.float32] = self._encoder.encode_batch(wave[None]).cpu().numpy().reshape(-1)
        return vector

    def _load(self, speaker: Any, folder: Path) -> Any:  # noqa: ANN401 - speechbrain ships no types
        yaml = torch_models.imported("ruamel.yaml")
        link = torch_models.imported("speechbrain.utils.fetching").LocalStrategy.NO_LINK
        try:
            return speaker.SpeakerRecognition.from_hparams(
                source=str(folder),
                # Without it a published model asks the hub for its weights again, by its own name.
                overrides={"pretrained_path": str(folder)},
                overrides_must_match=False,
                local_strategy=link,
                run_opts={"device": self.device},
            )
        except yaml.error.YAMLError as error:
            raise ValueError("hyperparams.yaml is no YAML") from error
