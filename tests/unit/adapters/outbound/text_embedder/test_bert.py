"""The encoder against the exact definition."""

import math
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from adapters.outbound.text_embedder.bert import BertEncoder, gelu
from adapters.outbound.text_embedder.minilm import HEADS, LAYERS, SHA256, WEIGHTS, installed, load
from adapters.outbound.text_embedder.striped_matrix import Floats
from ports.errors import Rejected

SENTENCES = [
    "Hi.",
    "Let us move the review to Thursday.",
    "The doctor said the knee needs six more weeks before I can run again, and no stairs until then.",
    "Naïve café prices: 3,50 € – quite a lot!",
    "she sells sea shells by the sea shore " * 12,
]


def exact_gelu(values: Floats) -> Floats:
    halves = np.vectorize(math.erf, otypes=[np.float64])(values / math.sqrt(2))
    return (values * 0.5 * (1 + halves)).astype(np.float32)


def test_gelu_is_exact_to_a_millionth() -> None:
    values = np.linspace(-12, 12, 4096, dtype=np.float32).reshape(64, 64)
    expected = exact_gelu(values)
    assert np.abs(gelu(values.copy()) - expected).max() < 1e-6


def test_gelu_survives_the_extremes() -> None:
    values = np.array([[-3e4, -0.0, 0.0, 3e4]], dtype=np.float32)
    assert gelu(values).tolist() == [[0.0, 0.0, 0.0, 3e4]]


def test_sentence_vectors_agree_with_exact_gelu() -> None:
    tokenizer, fast = load(installed())
    with safe_open(installed() / WEIGHTS, framework="numpy") as stored:
        weights = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    exact = BertEncoder(weights, layers=LAYERS, heads=HEADS, activation=exact_gelu)
    sequences = [tokenizer.encode(text).ids for text in SENTENCES]
    cosines = np.sum(fast.encode(sequences) * np.stack([exact.encode([s])[0] for s in sequences]), axis=1)
    assert cosines.min() > 0.999999


def test_half_precision_weights_give_nearly_the_same_vectors() -> None:
    rng = np.random.default_rng(3)
    weights = random_weights(rng)
    halves = {name: value.astype(np.float16) for name, value in weights.items()}
    whole = BertEncoder(weights, layers=1, heads=2).encode([[1, 2, 3]])
    half = BertEncoder(halves, layers=1, heads=2).encode([[1, 2, 3]])
    assert half.dtype == np.float32
    assert float((whole * half).sum()) > 0.9999


def test_padding_changes_nothing() -> None:
    encoder = BertEncoder(random_weights(np.random.default_rng(4)), layers=1, heads=2)
    alone = encoder.encode([[1, 2]])[0]
    padded = encoder.encode([[1, 2], [3, 4, 5, 6, 7]])[0]
    assert np.allclose(alone, padded, atol=1e-6)


def test_a_changed_model_is_refused(tmp_path: Path) -> None:
    for name in SHA256:
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(Rejected, match="sha256"):
        load(tmp_path)


def random_weights(rng: np.random.Generator) -> dict[str, Floats]:
    width, words = 8, 16
    shapes = {
        "embeddings.word_embeddings.weight": (words, width),
        "embeddings.token_type_embeddings.weight": (2, width),
        "embeddings.position_embeddings.weight": (words, width),
    }
    for name, outputs, inputs in [
        ("attention.self.query", width, width),
        ("attention.self.key", width, width),
        ("attention.self.value", width, width),
        ("attention.output.dense", width, width),
        ("intermediate.dense", 4 * width, width),
        ("output.dense", width, 4 * width),
    ]:
        shapes[f"encoder.layer.0.{name}.weight"] = (outputs, inputs)
        shapes[f"encoder.layer.0.{name}.bias"] = (outputs,)
    norms = ["embeddings", "encoder.layer.0.attention.output", "encoder.layer.0.output"]
    shapes |= {f"{norm}.LayerNorm.{part}": (width,) for norm in norms for part in ("weight", "bias")}
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
