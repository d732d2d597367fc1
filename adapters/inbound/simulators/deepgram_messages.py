"""What Deepgram says, in its own shapes."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
from msgspec import UNSET, Struct, UnsetType

from domain.audio import seconds
from domain.watermark import HeardWord

_VOICE_CHANGES_EVERY = 100
"""Words numbered 0 to 99 are one voice's, 100 to 199 another's, and so on in turn."""


class SpokenWord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A word; seconds since the first sample."""

    word: str
    start: float
    end: float
    confidence: float
    punctuated_word: str
    speaker: int | UnsetType = UNSET


class Alternative(Struct, frozen=True):
    """A reading."""

    transcript: str
    confidence: float
    words: tuple[SpokenWord, ...]


class Channel(Struct, frozen=True):
    """What was said on the only channel."""

    alternatives: tuple[Alternative, ...]


class ModelInfo(Struct, frozen=True):
    """Which model listened."""

    name: str = "simulated"
    version: str = "2026-01-01.0"
    arch: str = "watermark"


class ResultsMetadata(Struct, frozen=True):
    """Which request and model a result is of."""

    request_id: str
    model_info: ModelInfo = ModelInfo()
    model_uuid: str = "00000000-0000-4000-8000-000000000000"


class Results(Struct, frozen=True, kw_only=True, tag="Results", tag_field="type"):
    """Words, guessed or final, and the stretch of audio they are of."""

    channel_index: tuple[int, int] = (0, 1)
    duration: float
    start: float
    is_final: bool
    speech_final: bool
    channel: Channel
    metadata: ResultsMetadata
    from_finalize: bool = False


class Metadata(Struct, frozen=True, kw_only=True, tag="Metadata", tag_field="type"):
    """The last message of a session."""

    transaction_key: str = "deprecated"
    request_id: str
    sha256: str
    created: str
    duration: float
    channels: int = 1


class Error(Struct, frozen=True, kw_only=True, tag="Error", tag_field="type"):
    """Something went wrong within a session."""

    variant: str
    description: str
    message: str = ""


def channel_of(words: Sequence[HeardWord], *, diarize: bool, later: float = 0.0) -> Channel:
    """The words as one reading; `later` shifts their times by seconds."""
    transcript = " ".join(word.text for word in words)
    spoken = tuple(_spoken(word, diarize=diarize, later=later) for word in words)
    return Channel((Alternative(transcript, 0.99 if words else 0.0, spoken),))


def summary(request_id: str, audio_samples: int) -> Metadata:
    """The last message, for so much audio."""
    return Metadata(
        request_id=request_id,
        sha256=hashlib.sha256(request_id.encode()).hexdigest(),
        created=datetime.now(UTC).isoformat(),
        duration=seconds(audio_samples),
    )


def recorded(words: Sequence[HeardWord], *, audio_samples: int, diarize: bool) -> dict[str, object]:
    """The answer for a recording."""
    meta = msgspec.to_builtins(summary(new_request_id(), audio_samples))
    del meta["type"]
    channel = msgspec.to_builtins(channel_of(words, diarize=diarize))
    models = {"models": ["simulated"], "model_info": {"simulated": msgspec.to_builtins(ModelInfo())}}
    return {"metadata": {**meta, **models}, "results": {"channels": [channel]}}


def new_request_id() -> str:
    """An identifier of a session."""
    return str(uuid4())


def _spoken(word: HeardWord, *, diarize: bool, later: float) -> SpokenWord:
    return SpokenWord(
        word=word.text,
        start=seconds(word.start) + later,
        end=seconds(word.end) + later,
        confidence=0.99,
        punctuated_word=word.text,
        speaker=word.number // _VOICE_CHANGES_EVERY % 2 if diarize else UNSET,
    )
