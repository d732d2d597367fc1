"""What Soniox says, in its own shapes."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import uuid4

from msgspec import UNSET, Struct, UnsetType, structs

from domain.audio import seconds
from domain.watermark import HeardWord

_VOICE_CHANGES_EVERY = 100
"""Words numbered 0 to 99 are one voice's, 100 to 199 another's, and so on in turn."""
_ERROR_TYPES = {
    400: "invalid_request",
    401: "unauthenticated",
    402: "organization_balance_exhausted",
    403: "permission_denied",
    408: "request_timeout",
    429: "limit_exceeded",
    503: "service_unavailable",
}


class Token(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of a word, or a marker, which has no times. Milliseconds since the first sample."""

    text: str
    start_ms: int | UnsetType = UNSET
    end_ms: int | UnsetType = UNSET
    confidence: float | UnsetType = UNSET
    is_final: bool
    speaker: str | UnsetType = UNSET


END = Token(text="<end>", is_final=True)
"""Somebody has finished speaking."""
FIN = Token(text="<fin>", is_final=True)
"""A request to finalize is answered."""


class Response(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Pieces that are final, then pieces that are guessed, and how far the audio was processed."""

    tokens: tuple[Token, ...]
    final_audio_proc_ms: int
    total_audio_proc_ms: int
    finished: bool = False


class Error(Struct, frozen=True, kw_only=True):
    """Why the session ends. The last message."""

    tokens: tuple[Token, ...] = ()
    error_code: int
    error_type: str
    error_message: str
    more_info: str
    request_id: str


def error(status: int, message: str, *, kind: str = "") -> Error:
    """An error; its kind follows from its status where it is not named."""
    kind = kind or _ERROR_TYPES.get(status, "internal_error" if status >= 500 else "invalid_request")
    return Error(
        error_code=status,
        error_type=kind,
        error_message=message or HTTPStatus(status).phrase,
        more_info=f"/docs/api-reference/errors#{kind.replace('_', '-')}",
        request_id=str(uuid4()),
    )


def pieces(word: HeardWord, *, diarize: bool, later: int = 0) -> tuple[Token, ...]:
    """A word in two or three pieces, not final; `later` shifts their times by milliseconds."""
    count = 2 + word.number % 2
    text = f" {word.text}" if word.start else word.text
    cuts = [len(text) * at // count for at in range(count + 1)]
    times = [milliseconds(word.start + (word.end - word.start) * at // count) + later for at in range(count + 1)]
    voice = str(word.number // _VOICE_CHANGES_EVERY % 2 + 1) if diarize else UNSET
    return tuple(
        Token(
            text=text[cuts[at] : cuts[at + 1]],
            start_ms=times[at],
            end_ms=times[at + 1],
            confidence=0.97,
            is_final=False,
            speaker=voice,
        )
        for at in range(count)
    )


def final(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The same pieces, not to be changed any more."""
    return tuple(structs.replace(token, is_final=True) for token in tokens)


def milliseconds(samples: int) -> int:
    """Soniox counts whole milliseconds."""
    return round(seconds(samples) * 1000)
