"""pyannote's segmentation model, asked about the last half second of what it hears."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.outbound import pyannote_models, torch_models
from adapters.outbound.hub_models import ModelSource
from adapters.outbound.torch_models import Device
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE

WINDOW = 512
"""Samples that one probability stands for."""

Floats = NDArray[np.float32]


class PyannoteModel:
    """Judges stretches of many captures side by side, each for itself: it remembers nothing."""

    def __init__(self, source: ModelSource, *, device: Device) -> None:
        """Imports torch, finds the model and loads it. Blocks.

        Raises:
            Rejected: torch is not installed, or the model is not to be had as the settings say.
            TemporarilyUnavailable: the hub cannot be reached.
        """
        self.device = torch_models.device_of(device, setting=source.setting)
        found = pyannote_models.checkpoint(source)
        self._model: Any = pyannote_models.model(found, device=self.device, source=source)
        self._torch = torch_models.imported("torch")
        field = self._model.receptive_field
        self._first = (field.start + field.duration / 2) * SAMPLE_RATE
        self._step = field.step * SAMPLE_RATE
        self._powerset = bool(self._model.specifications.powerset)

    def judge(self, stretches: Sequence[bytes | bytearray], windows: Sequence[int]) -> list[tuple[float, ...]]:
        """Probabilities of speech in the last windows of stretches. Blocks.

        Args:
            stretches: mono, signed 16-bit little-endian, 16 kHz, all of one length.
            windows: how many windows are asked about at the end of each.

        Raises:
            TemporarilyUnavailable: the model failed.
        """
        waves = np.stack([np.frombuffer(stretch, "<i2") for stretch in stretches]).astype(np.float32)
        waves /= 32768
        speech = torch_models.ran(lambda: self._speech(waves), what=f"pyannote on {self.device}")
        moments = self._first + self._step * np.arange(speech.shape[1])
        length = len(stretches[0]) // SAMPLE_BYTES
        judged = []
        for row, count in zip(speech, windows, strict=True):
            middles = length - WINDOW * np.arange(count, 0, -1) + WINDOW / 2
            judged.append(tuple(np.interp(middles, moments, row).tolist()))
        return judged

    def _speech(self, waves: Floats) -> Floats:
        """How likely it is that anybody speaks: (stretches, moments)."""
        with self._torch.inference_mode():
            scores = self._model(self._torch.from_numpy(waves[:, None]).to(self.device))
            # Of a powerset the first class is nobody; else each speaker has a probability of their own.
            anybody = 1 - scores[..., 0].exp() if self._powerset else scores.amax(-1)
            speech: Floats = anybody.clamp(0, 1).cpu().numpy()
        return speech
