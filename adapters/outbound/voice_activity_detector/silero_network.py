"""Silero's network as matrix products over all captures: a third of the processor time onnxruntime needs for it.

onnxruntime multiplies the few positions of one capture at a time. Here all positions of all captures are rows of one
matrix. The weights are the model's own; probabilities differ by some millionths.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from adapters.outbound import onnx_models
from adapters.outbound.ort_weights import float_tensors

Floats = NDArray[np.float32]

ROWS = 64
"""Captures at a time: what they need fits the processor's cache."""
_WEIGHTS = "If_0_then_branch__Inline_0__"
"""The branch for 16 kHz."""
_INPUT, _REFLECTED = 576, 64
_FRAME, _HOP, _FRAMES = 256, 128, 4
_BINS, _WIDE, _NARROW = 129, 128, 64
_STATE = 128


class SileroNetwork:
    """Has the form of an onnxruntime session. One thread at a time: its buffers are used again."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        """Lays the weights out for products from the right.

        Args:
            weights: by the model's names.
        """
        self._basis = np.ascontiguousarray(weights[f"{_WEIGHTS}stft.forward_basis_buffer"][:, 0].T)
        kernels = [weights[f"{_WEIGHTS}encoder.{layer}.reparam_conv.weight"] for layer in range(4)]
        self._biases = [weights[f"{_WEIGHTS}encoder.{layer}.reparam_conv.bias"] for layer in range(4)]
        self._kernels = [
            _flat(kernels[0]),
            _flat(kernels[1]),
            _flat(kernels[2][:, :, 1:]),
            _flat(kernels[3][:, :, 1:2]),
        ]
        memory = (weights[f"{_WEIGHTS}decoder.rnn.weight_{which}"].T for which in ("ih", "hh"))
        self._memory = np.ascontiguousarray(np.concatenate(list(memory)))
        self._memory_bias = weights[f"{_WEIGHTS}decoder.rnn.bias_ih"] + weights[f"{_WEIGHTS}decoder.rnn.bias_hh"]
        self._judge = weights[f"{_WEIGHTS}decoder.decoder.2.weight"].reshape(_STATE)
        self._judge_bias = weights[f"{_WEIGHTS}decoder.decoder.2.bias"]
        self._sound: Floats = np.zeros((ROWS, _INPUT + _REFLECTED), np.float32)
        # A position of zeros on either side, as convolutions at an edge want it.
        self._spectrum: Floats = np.zeros((ROWS, _FRAMES + 2, _BINS), np.float32)
        self._features: Floats = np.zeros((ROWS, _FRAMES + 2, _WIDE), np.float32)

    @classmethod
    def load(cls) -> "SileroNetwork":
        """Reads the weights; blocks.

        Raises:
            Rejected: the installed wheel does not carry the model.
        """
        return cls(float_tensors(onnx_models.read(onnx_models.VOICE_ACTIVITY)))

    def run(self, _: None, inputs: Mapping[str, Any]) -> list[Floats]:
        """One window of each capture.

        Args:
            inputs: `input` (captures, 576), 64 samples of context and 512 new ones; `state` (2, captures, 128).

        Returns:
            Probabilities (captures, 1), and the new state (2, captures, 128).
        """
        windows, state = inputs["input"], inputs["state"]
        probabilities: Floats = np.empty((len(windows), 1), np.float32)
        following: Floats = np.empty_like(state)
        for start in range(0, len(windows), ROWS):
            some = slice(start, start + ROWS)
            self._remember(self._encoded(windows[some]), state[:, some], following[:, some])
            heard = np.maximum(following[0, some], 0) @ self._judge + self._judge_bias
            probabilities[some, 0] = _sigmoid(heard)
        return [probabilities, following]

    def _encoded(self, windows: Floats) -> Floats:
        """What the network makes of the sound alone: (captures, 128)."""
        count = len(windows)
        self._analyze(windows)
        wide = self._layer(0, _positions(self._spectrum[:count], count=_FRAMES, step=1))
        self._features[:count, 1:-1] = wide.reshape(count, _FRAMES, _WIDE)
        narrow = self._layer(1, _positions(self._features[:count], count=_FRAMES // 2, step=2))
        return self._layer(3, self._layer(2, narrow.reshape(count, 2 * _NARROW)))

    def _analyze(self, windows: Floats) -> None:
        """Magnitudes of four overlapping frames, into the spectrum."""
        count = len(windows)
        sound = self._sound[:count]
        sound[:, :_INPUT] = windows
        sound[:, _INPUT:] = windows[:, _INPUT - 2 : _INPUT - 2 - _REFLECTED : -1]
        row, sample = sound.strides
        frames = as_strided(sound, (count, _FRAMES, _FRAME), (row, _HOP * sample, sample))
        parts = frames.reshape(count * _FRAMES, _FRAME) @ self._basis
        parts *= parts
        power = parts[:, :_BINS] + parts[:, _BINS:]
        np.sqrt(power, out=power)
        self._spectrum[:count, 1:-1] = power.reshape(count, _FRAMES, _BINS)

    def _layer(self, layer: int, rows: Floats) -> Floats:
        product: Floats = rows @ self._kernels[layer]
        product += self._biases[layer]
        return np.maximum(product, 0, out=product)

    def _remember(self, encoded: Floats, state: Floats, following: Floats) -> None:
        """One step of the LSTM; gates in the order input, forget, cell, output."""
        gates = np.concatenate((encoded, state[0]), axis=1) @ self._memory
        gates += self._memory_bias
        let_in, keep = _sigmoid(gates[:, :_STATE]), _sigmoid(gates[:, _STATE : 2 * _STATE])
        fresh, let_out = np.tanh(gates[:, 2 * _STATE : 3 * _STATE]), _sigmoid(gates[:, 3 * _STATE :])
        np.multiply(keep, state[1], out=following[1])
        following[1] += let_in * fresh
        np.multiply(let_out, np.tanh(following[1]), out=following[0])


def _flat(kernel: Floats) -> Floats:
    """A convolution's kernel (out, in, positions) as a matrix (positions * in, out)."""
    out = len(kernel)
    return np.ascontiguousarray(kernel.transpose(2, 1, 0).reshape(-1, out))


def _positions(padded: Floats, *, count: int, step: int) -> Floats:
    """Three neighboring positions as one row, for every position the kernel is laid on: (captures * count, 3 * in)."""
    captures, _, width = padded.shape
    row, position, value = padded.strides
    three = as_strided(padded, (captures, count, 3 * width), (row, step * position, value))
    return three.reshape(captures * count, 3 * width)


def _sigmoid(values: Floats) -> Floats:
    """As a hyperbolic tangent: it never overflows."""
    half = values * np.float32(0.5)
    np.tanh(half, out=half)
    half *= np.float32(0.5)
    half += np.float32(0.5)
    return half
