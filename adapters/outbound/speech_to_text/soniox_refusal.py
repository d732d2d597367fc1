"""What Soniox's errors mean."""

from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

KEY_SETTING = "OMI_SPEECH_TO_TEXT__SONIOX__API_KEY"
_DETAIL_LENGTH = 200
_STATUS_OF = {
    "unauthenticated": 401,
    "organization_balance_exhausted": 402,
    "organization_monthly_budget_exhausted": 402,
    "project_monthly_budget_exhausted": 402,
    "permission_denied": 403,
    "temp_api_key_session_expired": 403,
    "invalid_request": 400,
    "model_not_available": 400,
    "limit_exceeded": 429,
    "max_concurrent_connections_reached": 429,
    "request_timeout": 408,
}
"""Kinds of errors, for when no status comes with them; all others are failures of the vendor."""
_MEANINGS = {
    401: f"refused the key: set {KEY_SETTING}",
    402: f"has no credit left for the key in {KEY_SETTING}",
    403: f"does not allow the key in {KEY_SETTING} what was asked",
    408: "waited too long for audio",
    429: "has too many requests from this key",
}
_PASSING = {408, 429}
_TOO_LONG = {"Audio is too long.", "Received too much audio data in total."}
"""Reported like a bad request, although a new session is all it takes."""


def refusal(status: int | None, *, kind: str, detail: str) -> AdapterError:
    """What an error means.

    Args:
        status: as of HTTP, from the handshake or the stream; None where the vendor named none.
        kind: the vendor's `error_type`; may be empty.
        detail: the vendor's own words for it; may be empty.
    """
    status = _STATUS_OF.get(kind, 500) if status is None else status
    if kind == "max_duration_reached" or detail in _TOO_LONG:
        return TemporarilyUnavailable(f"Soniox ended the session at its greatest length ({status})")
    for_good = 400 <= status < 500 and status not in _PASSING
    meaning = _MEANINGS.get(status, "refused the request" if for_good else "failed")
    said = "".join(f": {part[:_DETAIL_LENGTH]}" for part in (kind, detail) if part)
    return (Rejected if for_good else TemporarilyUnavailable)(f"Soniox {meaning} ({status}){said}")
