"""An utterance to words: recognized, cleaned, placed."""

import numpy as np

from adapters.outbound.speech_to_text.loudness import loudness, speaking
from adapters.outbound.speech_to_text.moonshine_model import MoonshineModel
from adapters.outbound.speech_to_text.text_sanitizer import sanitized
from adapters.outbound.speech_to_text.word_times import timed
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.transcript import Word
from ports.errors import TemporarilyUnavailable

_FRAME = SAMPLE_RATE // 100

_MISTAKES = (ArithmeticError, LookupError, MemoryError, RuntimeError, ValueError)
"""One utterance that trips the model must not take down the streams of everybody else."""


def words_of(utterance: AudioFrame, *, model: MoonshineModel) -> tuple[Word, ...]:
    """The words of an utterance of at most 15 s. Blocks while the model works.

    Raises:
        TemporarilyUnavailable: the model failed.
    """
    if not utterance.pcm.strip(b"\0"):
        return ()
    try:
        return _decoded(utterance, model)
    except _MISTAKES as mistake:
        length = utterance.end - utterance.start
        raise TemporarilyUnavailable(f"decoding {length} samples failed: {type(mistake).__name__}") from mistake


def _decoded(utterance: AudioFrame, model: MoonshineModel) -> tuple[Word, ...]:
    speech = int(np.count_nonzero(speaking(loudness(utterance.pcm, frame=_FRAME)))) * _FRAME
    text = sanitized(model.decode(utterance.pcm), speech=speech, length=utterance.end - utterance.start)
    return timed(text, utterance=utterance)
