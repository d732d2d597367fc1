"""Silero's voice activity model, run on many captures at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adapters.outbound import onnx_models
from adapters.outbound.voice_activity_detector.silero_network import SileroNetwork
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE

WINDOW = 512
"""Samples that the model judges at a time."""
CONTEXT = 64
"""Samples before the window that it hears again."""
WINDOW_BYTES = WINDOW * SAMPLE_BYTES
CONTEXT_BYTES = CONTEXT * SAMPLE_BYTES
ROUNDS = 8
"""Windows of one capture that are judged at a time, at most, so that one with a backlog does not hold up the rest."""

_FULL_SCALE = np.float32(1 / 32768)

Floats = NDArray[np.float32]


class Stretch(Struct, frozen=True, gc=False):
    """Consecutive windows of one capture."""

    pcm: bytes | bytearray
    """The context, then one to `ROUNDS` whole windows: mono, signed 16-bit little-endian, 16 kHz."""
    state: Floats
    """(2, 128): what the model remembers of the capture."""


class Judgment(Struct, frozen=True, gc=False):
    """What the model makes of a stretch."""

    probabilities: tuple[float, ...]
    """Of speech, one a window."""
    state: Floats
    """(2, 128): goes with the next stretch."""


def blank_state() -> Floats:
    """What the model remembers before a capture starts: (2, 128)."""
    return np.zeros((2, 128), np.float32)


class SileroModel:
    """Runs stretches of many captures side by side. One thread at a time: its buffers are used again."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401 - onnxruntime ships no types
        self._session = session
        self._rate = np.array(SAMPLE_RATE, np.int64)
        self._rows = 0
        self._reserve(32)

    @classmethod
    def load(cls) -> "SileroModel":
        """Reads the model; blocks for some 0.04 seconds.

        Raises:
            Rejected: the installed wheel does not carry the model.
        """
        return cls(SileroNetwork.load())

    def judge(self, stretches: Sequence[Stretch]) -> list[Judgment]:
        """Judges each stretch, whatever its neighbors; blocks.

        Round r judges window r of all stretches that are so long. They are laid out longest first, so that
        the captures of a round are a prefix, and none is copied or computed for nothing.

        Raises:
            TemporarilyUnavailable: the model failed.
        """
        order = sorted(range(len(stretches)), key=lambda i: -len(stretches[i].pcm))
        self._reserve(len(order))
        counts = [self._lay_out(row, stretches[i]) for row, i in enumerate(order)]
        longest = counts[0]
        self._lines[: len(order), : CONTEXT + longest * WINDOW] *= _FULL_SCALE
        for turn in range(longest):
            self._run(turn, rows=sum(count > turn for count in counts))
        judgments = {i: self._judgment(row, counts[row]) for row, i in enumerate(order)}
        return [judgments[i] for i in range(len(order))]

    def _reserve(self, rows: int) -> None:
        if rows <= self._rows:
            return
        self._rows = 2 * rows
        self._lines: Floats = np.zeros((self._rows, CONTEXT + ROUNDS * WINDOW), np.float32)
        self._states: Floats = np.zeros((2, self._rows, 128), np.float32)
        self._inputs: Floats = np.zeros((self._rows, CONTEXT + WINDOW), np.float32)
        self._probabilities: Floats = np.zeros((self._rows, ROUNDS), np.float32)

    def _lay_out(self, row: int, stretch: Stretch) -> int:
        samples = np.frombuffer(stretch.pcm, "<i2")
        self._lines[row, : len(samples)] = samples
        self._states[:, row] = stretch.state
        return (len(samples) - CONTEXT) // WINDOW

    def _run(self, turn: int, *, rows: int) -> None:
        start = turn * WINDOW
        inputs = self._inputs[:rows]
        inputs[:] = self._lines[:rows, start : start + CONTEXT + WINDOW]
        states = np.ascontiguousarray(self._states[:, :rows])
        outputs = onnx_models.run(self._session, {"input": inputs, "state": states, "sr": self._rate})
        self._probabilities[:rows, turn] = outputs[0][:, 0]
        self._states[:, :rows] = outputs[1]

    def _judgment(self, row: int, count: int) -> Judgment:
        return Judgment(tuple(self._probabilities[row, :count].tolist()), self._states[:, row].copy())
