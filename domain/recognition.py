"""What a recognizer reports, on the clock of the capture."""

from msgspec import Struct

from domain.transcript import Word


class InterimWords(Struct, frozen=True, tag="interim"):
    """A guess that later events replace."""

    words: tuple[Word, ...]
    recognizer: str


class FinalWords(Struct, frozen=True, tag="final"):
    """Words that will not change, and the stretch they account for. May hold no words."""

    words: tuple[Word, ...]
    through: int
    """Watermark: every sample sent between `since` and this position has been dealt with."""
    recognizer: str
    since: int = 0
    """0 from a single recognizer, whose watermark never goes back. A composition may finalize a stretch late."""
    owner: int | None = None
    """The number that the recognizer gives to the owner's voice, where it was told how that sounds. A hint, no more."""


class RecognizerChanged(Struct, frozen=True, tag="recognizer_changed"):
    """The words come from another recognizer from here on, or from none."""

    recognizer: str | None
    """None: nobody listens now; the audio is kept until somebody does."""
    reason: str
    """Why, in words for the user."""


RecognitionEvent = InterimWords | FinalWords | RecognizerChanged
