"""What Speechmatics' refusals mean, however they come: as a status, as a message, as a close code."""

from collections.abc import Iterator
from contextlib import contextmanager

from websockets.exceptions import ConnectionClosed, WebSocketException

from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

KEY_SETTING = "OMI_SPEECH_TO_TEXT__SPEECHMATICS__API_KEY"
_REFUSED = frozenset(
    {
        "invalid_message", "invalid_model", "invalid_language", "invalid_config", "invalid_audio_type",
        "invalid_output_format", "not_allowed", "protocol_error", "timelimit_exceeded",
    }
)  # fmt: skip
"""Trying again changes nothing. `timelimit_exceeded` is the contract's credit; the rest may work later or elsewhere."""
_TYPE_OF_CODE = {
    1003: "protocol_error",
    4001: "not_authorised",
    4003: "not_allowed",
    4004: "invalid_model",
    4005: "quota_exceeded",
    4006: "timelimit_exceeded",
    4013: "job_error",
}
_DETAIL_LENGTH = 200


def reported(kind: str, *, detail: str) -> AdapterError:
    """What an error of a type means."""
    if kind == "not_authorised":
        return Rejected(f"Speechmatics refused the key ({kind}): set {KEY_SETTING}")
    said = f"Speechmatics reported {kind or 'an error'}: {detail[:_DETAIL_LENGTH] or 'no reason given'}"
    return Rejected(said) if kind in _REFUSED else TemporarilyUnavailable(said)


def closed(code: int, *, detail: str) -> AdapterError:
    """What a close code means. Idle and overlong sessions are closed with 1008, behind an error of their type."""
    kind = _TYPE_OF_CODE.get(code)
    if kind is not None:
        return reported(kind, detail=f"{detail} (closed with {code})")
    return TemporarilyUnavailable(f"Speechmatics closed the session ({code}): {detail[:_DETAIL_LENGTH]}")


def refused(status: int) -> AdapterError:
    """What an answer instead of an upgrade means."""
    if status == 401:
        return Rejected(f"Speechmatics refused the key (401): set {KEY_SETTING}")
    if status in {402, 403}:
        return Rejected(f"Speechmatics does not allow this key a session ({status})")
    if 400 <= status < 500 and status not in {408, 429}:
        return Rejected(f"Speechmatics refused the request ({status})")
    return TemporarilyUnavailable(f"Speechmatics is overloaded or failed ({status})")


@contextmanager
def translated() -> Iterator[None]:
    """Gives a lost connection its meaning."""
    try:
        yield
    except ConnectionClosed as error:
        close = error.rcvd
        if close is None:
            raise TemporarilyUnavailable("Speechmatics' connection broke off") from error
        raise closed(close.code, detail=close.reason) from error
    except (OSError, WebSocketException) as error:
        raise TemporarilyUnavailable(f"Speechmatics' connection failed: {type(error).__name__}") from error
