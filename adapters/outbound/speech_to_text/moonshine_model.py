"""Moonshine tiny: an English utterance to text, with onnxruntime alone."""

import math
from typing import Any

import numpy as np

from adapters.outbound import onnx_models
from adapters.outbound.speech_to_text.moonshine_tokenizer import MoonshineTokenizer
from domain.audio import SAMPLE_RATE, samples

SHORTEST = 900
"""Samples below which there is no text: the model's convolutions find nothing to work on."""

_BEFORE = samples(0.2)
_AFTER = samples(0.25)
"""Zeros around the utterance: an utterance that starts or ends abruptly costs half as many errors again."""

_TOKENS_PER_SECOND = 6.5
"""Nobody speaks faster; a model that runs away is stopped here."""

_START, _END = 1, 2
_EMPTY_CACHE = (1, 8, 1, 36)
"""Shape of a cache that holds nothing: the model does not take a length of 0."""


class MoonshineModel:
    """The encoder, the decoder and the tokenizer. Safe to use from several threads at once."""

    def __init__(self) -> None:
        """Loads them: about 0.8 s and 150 MB.

        Raises:
            Rejected: the models are not installed as expected.
        """
        self._encoder = onnx_models.session(onnx_models.SPEECH_ENCODER)
        self._decoder = onnx_models.session(onnx_models.SPEECH_DECODER)
        self._cache = [output.name.replace("present", "past_key_values") for output in self._decoder.get_outputs()[1:]]
        self._tokenizer = MoonshineTokenizer(onnx_models.read(onnx_models.SPEECH_TOKENIZER))

    def decode(self, pcm: bytes) -> str:
        """What is said in an utterance. Blocks for 30 ms or so per second of audio.

        Args:
            pcm: mono, signed 16-bit little-endian, 16 kHz; at most 15 s, without long pauses: the model stops there.

        Raises:
            TemporarilyUnavailable: the runtime failed on this utterance.
        """
        heard = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
        if len(heard) < SHORTEST:
            return ""
        padded = np.zeros((1, _BEFORE + len(heard) + _AFTER), np.float32)
        padded[0, _BEFORE : _BEFORE + len(heard)] = heard
        return self._tokenizer.text(self._tokens(padded)).strip()

    def _tokens(self, audio: "np.ndarray[Any, np.dtype[np.float32]]") -> list[int]:
        """Greedy search. The audio has the shape (1, samples)."""
        mask = np.ones(audio.shape, np.int64)
        (hidden,) = onnx_models.run(self._encoder, {"input_values": audio, "attention_mask": mask})
        inputs = {"encoder_hidden_states": hidden, "encoder_attention_mask": mask}
        inputs |= {name: np.zeros(_EMPTY_CACHE, np.float32) for name in self._cache}
        tokens = [_START]
        for _ in range(math.ceil(audio.shape[1] / SAMPLE_RATE * _TOKENS_PER_SECOND)):
            inputs["input_ids"] = np.array([tokens[-1:]], np.int64)
            inputs["use_cache_branch"] = np.array([len(tokens) > 1])
            logits, *cache = onnx_models.run(self._decoder, inputs)
            later = len(tokens) > 1  # what the encoder heard is told at the first step, and stays
            inputs |= {
                name: kept for name, kept in zip(self._cache, cache, strict=True) if not (later and _heard(name))
            }
            tokens.append(int(logits[0, -1].argmax()))
            if tokens[-1] == _END:
                break
        return tokens


def _heard(name: str) -> bool:
    return ".encoder." in name
