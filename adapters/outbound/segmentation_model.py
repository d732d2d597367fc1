"""The pyannote community-1 segmentation model, without torch: which of up to three voices are active."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.outbound import onnx_models
from domain.audio import SAMPLE_BYTES, AudioFrame

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


def stretches(
    active: NDArray[np.bool_], recording: AudioFrame, *, pause: int, shortest: int
) -> tuple[tuple[int, int], ...]:
    """Where activity starts and ends, in order, disjoint.

    Args:
        active: (frames,), the first one at the start of the recording.
        recording: what was heard.
        pause: samples; activity goes on over a shorter one.
        shortest: samples; shorter bursts are none.
    """
    edges = np.flatnonzero(np.diff(active, prepend=False, append=False))
    positions = [min(recording.start + _position(edge), recording.end) for edge in edges.tolist()]
    # Starts and ends alternate; a short pause is an end that lies just before the next start.
    pauses = [k for k in range(1, len(positions) - 1, 2) if positions[k + 1] - positions[k] < pause]
    for k in reversed(pauses):
        del positions[k : k + 2]
    found = zip(positions[::2], positions[1::2], strict=True)
    return tuple((start, end) for start, end in found if end - start >= shortest)


def _position(frame: int) -> int:
    """Where a frame starts, in samples from the start of what was heard. The first reaches back to it."""
    return frame * FRAME + FIRST if frame else 0
