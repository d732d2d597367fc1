"""A BERT encoder in plain numpy: six matrix products a layer, nothing to install."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adapters.outbound.text_embedder.striped_matrix import Floats, StripedMatrix

Activation = Callable[[Floats], Floats]

_MASKED = np.float32(-1e9)
_EPSILON = np.float32(1e-12)

_ERF = tuple(np.float32(c) for c in (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429))
"""Abramowitz & Stegun, formula 7.1.26: off by at most 1.5e-7."""
_ERF_SLOPE = np.float32(0.3275911)
_GELU_ROWS = 64
"""Rows of 1,536 values that stay in the second-level cache through all passes of `gelu`."""


class Layer(Struct, frozen=True):
    """Weights of one layer, ready for rows."""

    attention_in: StripedMatrix
    """(width, 3 * width): query (already scaled), key and value side by side."""
    attention_in_bias: Floats
    attention_out: StripedMatrix
    """(width, width)"""
    attention_out_bias: Floats
    attention_norm: tuple[Floats, Floats]
    """Scale and shift."""
    widen: StripedMatrix
    """(width, 4 * width)"""
    widen_bias: Floats
    narrow: StripedMatrix
    """(4 * width, width)"""
    narrow_bias: Floats
    norm: tuple[Floats, Floats]


class BertEncoder:
    """Token numbers to sentence vectors: encoder, mean over the tokens, unit length."""

    def __init__(
        self, weights: Mapping[str, NDArray[Any]], *, layers: int, heads: int, activation: Activation | None = None
    ) -> None:
        self._heads = heads
        self._activation = activation or gelu
        self._words = _float32(weights["embeddings.word_embeddings.weight"])
        first_type = _float32(weights["embeddings.token_type_embeddings.weight"])[0]
        self._positions = _float32(weights["embeddings.position_embeddings.weight"]) + first_type
        self._norm = _norm_of(weights, "embeddings.LayerNorm")
        self._layers = [_layer(weights, f"encoder.layer.{number}", heads) for number in range(layers)]

    def encode(self, sequences: Sequence[Sequence[int]]) -> Floats:
        """Vectors of token sequences, (sequences, width), unit length. Best of similar length: all are padded."""
        lengths = np.array([len(sequence) for sequence in sequences])
        longest = int(lengths.max())
        tokens = np.zeros((len(sequences), longest), dtype=np.int64)
        for row, sequence in enumerate(sequences):
            tokens[row, : len(sequence)] = sequence
        present = np.arange(longest) < lengths[:, None]
        mask = None if present.all() else np.where(present, np.float32(0), _MASKED)[:, None, None, :]
        states = _normalize(self._words[tokens] + self._positions[:longest], self._norm)
        rows = states.reshape(-1, states.shape[-1])
        for layer in self._layers:
            rows = self._through(layer, rows, (len(sequences), longest), mask)
        states = rows.reshape(states.shape)
        sums = np.einsum("btw,bt->bw", states, present.astype(np.float32))
        unit: Floats = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return unit

    def _through(self, layer: Layer, rows: Floats, shape: tuple[int, int], mask: Floats | None) -> Floats:
        fused = layer.attention_in.product(rows)
        fused += layer.attention_in_bias
        mixed = self._attention(fused, shape, mask)
        mixed = layer.attention_out.product(mixed)
        mixed += layer.attention_out_bias
        mixed += rows
        rows = _normalize(mixed, layer.attention_norm)
        wide = layer.widen.product(rows)
        wide += layer.widen_bias
        narrow = layer.narrow.product(self._activation(wide))
        narrow += layer.narrow_bias
        narrow += rows
        return _normalize(narrow, layer.norm)

    def _attention(self, fused: Floats, shape: tuple[int, int], mask: Floats | None) -> Floats:
        """What each token takes from the others of its sequence: (rows, 3 * width) -> (rows, width)."""
        batch, length = shape
        query, key, value = fused.reshape(batch, length, 3, self._heads, -1).transpose(2, 0, 3, 1, 4)
        scores = query @ key.swapaxes(-1, -2)
        if mask is not None:
            scores += mask
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        return np.ascontiguousarray((scores @ value).swapaxes(1, 2)).reshape(batch * length, -1)


def gelu(values: Floats) -> Floats:
    """`x * Phi(x)` in place, with erf to 1.5e-7; in blocks that stay in the cache."""
    rows = values.reshape(-1, values.shape[-1])
    for start in range(0, len(rows), _GELU_ROWS):
        _gelu_block(rows[start : start + _GELU_ROWS])
    return values


def _gelu_block(block: Floats) -> None:
    """`x * Phi(x)` as `max(x, 0) - |x| * tail(|x|)`, which needs no sign."""
    size = np.abs(block)
    ratio = size * (_ERF_SLOPE * np.float32(0.5**0.5))
    ratio += np.float32(1)
    np.reciprocal(ratio, out=ratio)
    tail = ratio * _ERF[4]
    for coefficient in _ERF[3::-1]:
        tail += coefficient
        tail *= ratio
    np.multiply(block, block, out=ratio)
    ratio *= np.float32(-0.5)
    np.exp(ratio, out=ratio)
    tail *= ratio
    tail *= size
    tail *= np.float32(0.5)
    np.maximum(block, np.float32(0), out=block)
    block -= tail


def _normalize(states: Floats, scale_and_shift: tuple[Floats, Floats]) -> Floats:
    """Layer norm in place."""
    scale, shift = scale_and_shift
    states -= states.mean(axis=-1, keepdims=True)
    variance = np.einsum("...w,...w->...", states, states)[..., None] / np.float32(states.shape[-1])
    states *= np.float32(1) / np.sqrt(variance + _EPSILON)
    states *= scale
    states += shift
    return states


def _layer(weights: Mapping[str, NDArray[Any]], prefix: str, heads: int) -> Layer:
    parts = [f"{prefix}.attention.self.{part}" for part in ("query", "key", "value")]
    matrix = np.concatenate([_float32(weights[f"{part}.weight"]).T for part in parts], axis=1)
    bias = np.concatenate([_float32(weights[f"{part}.bias"]) for part in parts])
    width = matrix.shape[0]
    scale = np.float32((width // heads) ** -0.5)
    matrix[:, :width] *= scale
    bias[:width] *= scale
    return Layer(
        StripedMatrix(matrix),
        bias,
        *_dense(weights, f"{prefix}.attention.output.dense"),
        _norm_of(weights, f"{prefix}.attention.output.LayerNorm"),
        *_dense(weights, f"{prefix}.intermediate.dense"),
        *_dense(weights, f"{prefix}.output.dense"),
        _norm_of(weights, f"{prefix}.output.LayerNorm"),
    )


def _dense(weights: Mapping[str, NDArray[Any]], name: str) -> tuple[StripedMatrix, Floats]:
    return StripedMatrix(_float32(weights[f"{name}.weight"]).T), _float32(weights[f"{name}.bias"])


def _norm_of(weights: Mapping[str, NDArray[Any]], name: str) -> tuple[Floats, Floats]:
    return _float32(weights[f"{name}.weight"]), _float32(weights[f"{name}.bias"])


def _float32(values: NDArray[Any]) -> Floats:
    """Weights may be stored in half precision; arithmetic in it is slow."""
    return np.asarray(values, dtype=np.float32)
