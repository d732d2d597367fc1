"""What a harness of the `speech_to_text` suite gives."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Struct

from ports.speech_to_text import SpeechToText
from tests.support.utterances import Utterance, watermarked_speech


class Bench(Struct, frozen=True, kw_only=True):
    """A recognizer, and how to talk to it."""

    recognizer: SpeechToText
    say: Callable[[int, Path], Utterance] = watermarked_speech
    """Number of an utterance, folder of audio -> the utterance."""
    tolerance: float = 0.0
    """Share of the words that it may get wrong."""
    heard_by: frozenset[str] = frozenset()
    """Recognizers that a composition consists of; empty for a single one."""
    break_off: Callable[[], Awaitable[None]] | None = None
    """Makes every stream that is open fail at its next chance. None: the harness cannot."""
