"""What a recognizer reports, on the clock of the capture."""

from msgspec import Struct

from domain.transcript import Word


class InterimWords(Struct, frozen=True, tag="interim"):
    """A guess that later events replace."""

    words: tuple[Word, ...]
    recognizer: str


class FinalWords(Struct, frozen=True, tag="final"):
    """Words that will not change, and how far the recognizer has come. May hold no words."""

    words: tuple[Word, ...]
    through: int
    """Watermark: every sample sent before this position has been dealt with. Never goes back within a leg."""
    recognizer: str


class RecognizerChanged(Struct, frozen=True, tag="recognizer_changed"):
    """The words come from another recognizer from here on, or from none."""

    recognizer: str | None
    """None: nobody listens now; the audio is kept until somebody does."""
    reason: str
    """Why, in words for the user."""


RecognitionEvent = InterimWords | FinalWords | RecognizerChanged
