"""Things to say to a recognizer, with what it should hear: real speech, or words that say their own number."""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from benchmarks.word_error_rate import normalized
from domain.audio import SAMPLE_BYTES, AudioFrame, samples
from domain.transcript import Word
from domain.watermark import speech, text_of
from tests.support.recordings import read

_BEFORE, _AFTER = bytes(samples(0.3) * SAMPLE_BYTES), bytes(samples(0.5) * SAMPLE_BYTES)

_SENTENCES = (
    ("harvard_spk1_snt1.wav", "The child almost hurt the small dog"),
    ("harvard_spk1_snt2.wav", "Drop the two when you add the figures"),
    ("harvard_spk1_snt3.wav", "At that high level the air is pure"),
    ("harvard_spk2_snt1.wav", "We are sure that one war is enough"),
    ("harvard_spk2_snt2.wav", "What joy there is in living"),
    ("LJ001-0008.wav", "has never been surpassed"),
)
"""Short, said clearly: any recognizer gets nearly all of it."""
_WORDS = 4
_PAUSE = samples(0.1)


class Utterance(Struct, frozen=True):
    """What somebody says between two pauses, with silence around it."""

    pcm: bytes
    words: list[str]
    """What it says, normalized."""

    @property
    def samples(self) -> int:
        """Its length."""
        return len(self.pcm) // SAMPLE_BYTES

    def frames(self, *, start: int = 0, size: int = 1600) -> list[AudioFrame]:
        """The audio in pieces, placed in a capture."""
        step = size * SAMPLE_BYTES
        pieces = (self.pcm[at : at + step] for at in range(0, len(self.pcm), step))
        return [AudioFrame(start + number * size, piece) for number, piece in enumerate(pieces)]


def real_speech(number: int, audio_folder: Path) -> Utterance:
    """A read sentence."""
    file, text = _SENTENCES[number % len(_SENTENCES)]
    return Utterance(_BEFORE + read(audio_folder / file) + _AFTER, normalized(text))


def watermarked_speech(number: int, audio_folder: Path) -> Utterance:  # noqa: ARG001 - alike, to be exchanged
    """Words that say their own number; no two utterances have one in common."""
    first = number * _WORDS
    words = [normalized(text_of(first + at)) for at in range(_WORDS)]
    return Utterance(_BEFORE + speech(first, _WORDS, pause=_PAUSE) + _AFTER, [part for word in words for part in word])


def heard(words: Iterable[Word]) -> list[str]:
    """What was heard, normalized to compare."""
    return normalized(" ".join(word.text for word in words))
