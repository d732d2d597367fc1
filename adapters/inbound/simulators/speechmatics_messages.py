"""What Speechmatics says, in its own shapes."""

from base64 import b64encode
from collections.abc import Sequence
from uuid import uuid4

from msgspec import UNSET, Struct, UnsetType

from adapters.inbound.simulators.speechmatics_requests import KnownSpeaker
from domain.audio import seconds
from domain.watermark import HeardWord

_VOICE_CHANGES_EVERY = 100
"""Words numbered 0 to 99 are one voice's, 100 to 199 another's, and so on in turn."""


class _Message(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="message"):
    """The kind of a message is in its field `message`."""


class LanguagePackInfo(Struct, frozen=True):
    """How the language is written."""

    word_delimiter: str = " "
    language_description: str = "Simulated"
    writing_direction: str = "left-to-right"


class Info(_Message, frozen=True, kw_only=True, tag="Info"):
    """Something worth knowing."""

    type: str
    reason: str
    usage: int
    quota: int


class RecognitionStarted(_Message, frozen=True, kw_only=True, tag="RecognitionStarted"):
    """Audio may come."""

    id: str
    language_pack_info: LanguagePackInfo


class AudioAdded(_Message, frozen=True, kw_only=True, tag="AudioAdded"):
    """A message with audio was read."""

    seq_no: int


class Alternative(Struct, frozen=True, omit_defaults=True):
    """A reading."""

    content: str
    confidence: float
    language: str
    speaker: str | UnsetType = UNSET


class Result(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A word or a punctuation mark. Seconds since the first sample."""

    type: str
    start_time: float
    end_time: float
    alternatives: tuple[Alternative, ...]
    attaches_to: str | UnsetType = UNSET
    is_eos: bool | UnsetType = UNSET


class Metadata(Struct, frozen=True):
    """The stretch a transcript is of."""

    start_time: float
    end_time: float
    transcript: str


class AddTranscript(_Message, frozen=True, kw_only=True, tag="AddTranscript"):
    """Final words."""

    metadata: Metadata
    results: tuple[Result, ...]
    format: str | UnsetType = "2.9"
    forced: bool = False


class AddPartialTranscript(_Message, frozen=True, kw_only=True, tag="AddPartialTranscript"):
    """Guesses."""

    metadata: Metadata
    results: tuple[Result, ...]


class Moment(Struct, frozen=True):
    """A point in time."""

    start_time: float
    end_time: float


class EndOfUtterance(_Message, frozen=True, kw_only=True, tag="EndOfUtterance"):
    """Nobody has spoken for a while, or the client said so."""

    metadata: Moment
    forced: bool = False


class Speaker(Struct, frozen=True):
    """A voice, and how to tell other sessions of it."""

    label: str
    speaker_identifiers: tuple[str, ...]


class SpeakersResult(_Message, frozen=True, kw_only=True, tag="SpeakersResult", omit_defaults=False):
    """The voices that were heard so far."""

    speakers: tuple[Speaker, ...]


class EndOfTranscript(_Message, frozen=True, kw_only=True, tag="EndOfTranscript"):
    """The last message of a session."""


class Error(_Message, frozen=True, kw_only=True, tag="Error"):
    """Something went wrong. The session is over."""

    type: str
    reason: str


class Voice(Struct, frozen=True, kw_only=True):
    """How results are written."""

    language: str
    diarize: bool
    later: float = 0.0
    """Seconds by which stamps are wrong."""
    known: tuple[KnownSpeaker, ...] = ()
    """Voices that the client has named."""

    def speakers(self, words: Sequence[HeardWord]) -> tuple[Speaker, ...]:
        """The voices of some words, in the order of their labels."""
        voices = sorted({_voice(word) for word in words})
        return tuple(Speaker(self._label(voice), (_identifier(voice),)) for voice in voices)

    def results(self, words: Sequence[HeardWord], *, mark_at: HeardWord | None = None) -> tuple[Result, ...]:
        """Words, and behind them a full stop for the word that ends a sentence, if one does."""
        spoken = tuple(self._result("word", word, seconds(word.start), word.text) for word in words)
        if mark_at is None:
            return spoken
        return (*spoken, self._result("punctuation", mark_at, seconds(mark_at.end), "."))

    def metadata(self, start: int, end: int, results: Sequence[Result]) -> Metadata:
        """Of results over a stretch, positions in samples."""
        text = " ".join(result.alternatives[0].content for result in results).replace(" .", ".")
        return Metadata(seconds(start) + self.later, seconds(end) + self.later, f"{text} " if text else "")

    def _label(self, voice: int) -> str:
        named = (speaker.label for speaker in self.known if _identifier(voice) in speaker.speaker_identifiers)
        return next(named, f"S{voice}")

    def _result(self, kind: str, word: HeardWord, start: float, content: str) -> Result:
        speaker = self._label(_voice(word)) if self.diarize else UNSET
        return Result(
            type=kind,
            start_time=start + self.later,
            end_time=seconds(word.end) + self.later,
            alternatives=(Alternative(content, 0.98, self.language, speaker),),
            attaches_to="previous" if kind == "punctuation" else UNSET,
            is_eos=True if kind == "punctuation" else UNSET,
        )


def _voice(word: HeardWord) -> int:
    return word.number // _VOICE_CHANGES_EVERY % 2 + 1


def _identifier(voice: int) -> str:
    """The same in every session: what makes a voice known."""
    return b64encode(f"voice {voice}".encode()).decode()


def started() -> tuple[Info, RecognitionStarted]:
    """What answers the start of a session."""
    reason = "1 concurrent sessions active out of quota 50"
    info = Info(type="concurrent_session_usage", reason=reason, usage=1, quota=50)
    return info, RecognitionStarted(id=str(uuid4()), language_pack_info=LanguagePackInfo())
