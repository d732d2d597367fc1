"""The pyannote community-1 segmentation model, without torch: which of up to three voices are active."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.outbound import onnx_models
from domain.audio import SAMPLE_BYTES

WINDOW = 160_000
"""Samples that the model looks at: ten seconds."""
FRAMES = 589
"""Judgments it gives for them."""
FRAME = 270
"""Samples from one judgment to the next."""
FIRST = 360
"""Where the first judgment's stretch starts: the middle of its field of view, less half a frame."""
VOICES = 3


class SegmentationModel:
    """Threads may share it. Blocks for some 50 ms a window.

    Raises:
        Rejected: the model is not installed.
    """

    def __init__(self) -> None:
        self._session: Any = onnx_models.session(onnx_models.SEGMENTATION)

    def active(self, pcm: bytes) -> NDArray[np.bool_]:
        """Who speaks in each frame of a window: (FRAMES, VOICES).

        Args:
            pcm: mono, signed 16-bit little-endian, 16 kHz; less than a window is filled up with silence.

        Raises:
            TemporarilyUnavailable: the model failed.
        """
        waveforms = np.zeros((1, 1, WINDOW), np.float32)
        waveforms[0, 0, : len(pcm) // SAMPLE_BYTES] = np.frombuffer(pcm, "<i2")
        waveforms /= 32768
        activity: NDArray[np.bool_] = onnx_models.run(self._session, {"waveforms": waveforms})[0][0] > 0.5
        return activity


def position(frame: int) -> int:
    """Where a frame starts, in samples from the start of its window. The first reaches back to it."""
    return frame * FRAME + FIRST if frame else 0
