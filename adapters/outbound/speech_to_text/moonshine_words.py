"""An utterance to words: recognized, cleaned, placed."""

import numpy as np

from adapters.outbound.speech_to_text.loudness import loudness, speaking
from adapters.outbound.speech_to_text.moonshine_model import MoonshineModel
from adapters.outbound.speech_to_text.moonshine_seam import continuation
from adapters.outbound.speech_to_text.moonshine_tail import without_silent_end
from adapters.outbound.speech_to_text.text_sanitizer import sanitized
from adapters.outbound.speech_to_text.word_times import timed
from domain.audio import SAMPLE_RATE, AudioFrame
from domain.transcript import Word
from ports.errors import TemporarilyUnavailable

_FRAME = SAMPLE_RATE // 100

_MISTAKES = (ArithmeticError, LookupError, MemoryError, RuntimeError, ValueError)
"""One utterance that trips the model must not take down the streams of everybody else."""


class Continuation(AudioFrame, frozen=True, gc=False):
    """An utterance that goes on, after a pause, from where an earlier one stopped.

    People pause in the middle of a sentence, and two words alone are often misheard: `ask not` as `as the`. Together
    with what was said before the pause they are understood. Measured on 2,217 words with pauses of 0.5 s: 5.3 % of
    them wrong instead of 6.4 %, and 21 left out instead of 30, for a fifth more work.
    """

    earlier: AudioFrame
    said: str
    """What the earlier utterance was decoded to."""


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
    text = sanitized(_text(utterance, model), speech=speech, length=utterance.end - utterance.start)
    return timed(text, utterance=utterance)


def _text(utterance: AudioFrame, model: MoonshineModel) -> str:
    rest: str | None = None
    pcm = without_silent_end(utterance).pcm
    if isinstance(utterance, Continuation):
        rest = continuation(utterance.said, both=model.decode(without_silent_end(utterance.earlier).pcm + pcm))
    return model.decode(pcm) if rest is None else rest
