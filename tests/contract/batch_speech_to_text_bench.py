"""What a harness of the `batch_speech_to_text` suite gives."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Struct

from ports.batch_speech_to_text import BatchSpeechToText
from tests.support.utterances import Utterance, watermarked_speech


class Bench(Struct, frozen=True, kw_only=True):
    """A recognizer, and how to talk to it."""

    recognizer: BatchSpeechToText
    say: Callable[[int, Path], Utterance] = watermarked_speech
    """Number of an utterance, folder of audio -> the utterance."""
    tolerance: float = 0.0
    """Share of the words that it may get wrong."""
    break_down: Callable[[], Awaitable[None]] | None = None
    """Makes every transcription fail from now on. None: the harness cannot."""
