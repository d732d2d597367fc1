"""What clients of Speechmatics say, as far as it is simulated."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from domain.audio import SAMPLE_RATE


class AudioFormat(Struct, frozen=True):
    """What the client says of its audio."""

    type: Literal["raw"]
    encoding: Literal["pcm_s16le"]
    sample_rate: Annotated[int, Meta(ge=SAMPLE_RATE, le=SAMPLE_RATE)]


class ConversationConfig(Struct, frozen=True):
    """When an utterance ends."""

    end_of_utterance_silence_trigger: Annotated[float, Meta(ge=0, le=2)] = 0.0


class KnownSpeaker(Struct, frozen=True):
    """A voice that the client knows."""

    label: Annotated[str, Meta(min_length=1, pattern=r"^(?!(S\d+|UU|\s.*|.*\s)$)")]
    """Not one of the labels that are given out, and without spaces around it."""
    speaker_identifiers: Annotated[tuple[str, ...], Meta(min_length=1, max_length=50)]


class SpeakerDiarizationConfig(Struct, frozen=True):
    """How voices are told apart."""

    max_speakers: Annotated[int, Meta(ge=2)] | None = None
    speakers: tuple[KnownSpeaker, ...] = ()
    get_speakers: bool = False
    """Tell identifiers of all voices at the end."""


class TranscriptionConfig(Struct, frozen=True, omit_defaults=True):
    """What the client wants."""

    language: str
    model: Literal["standard", "enhanced"] = "standard"
    output_locale: str | None = None
    domain: str | None = None
    diarization: Literal["none", "speaker"] = "none"
    speaker_diarization_config: SpeakerDiarizationConfig = SpeakerDiarizationConfig()
    enable_partials: bool = False
    max_delay: Annotated[float, Meta(ge=0.7, le=4)] = 4.0
    max_delay_mode: Literal["flexible", "fixed"] = "flexible"
    conversation_config: ConversationConfig = ConversationConfig()


class StartRecognition(Struct, frozen=True, tag="StartRecognition", tag_field="message"):
    """The first message of a session."""

    audio_format: AudioFormat
    transcription_config: TranscriptionConfig


class Command(Struct, frozen=True):
    """Any other text message."""

    message: str = ""
    last_seq_no: int = -1
    final: bool = False
