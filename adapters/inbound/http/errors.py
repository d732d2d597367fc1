"""What a failure looks like from outside: the one table from errors to statuses."""

from math import ceil
from pathlib import Path
from traceback import extract_tb
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, InternalServerException, SerializationException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from msgspec import Struct

from domain.chat_errors import ChatFileNotFound, ChatFileTooLarge, MessageNotFound
from domain.errors import (
    AskedTooOften,
    BusinessError,
    Forbidden,
    MemoryNotFound,
    TooManySessions,
    Unauthenticated,
)
from domain.voice_errors import NotARecording, PersonNotFound, RecordingTooLarge, SampleNotFound, SegmentNotFound
from ports.errors import Conflict, NotFound, StorageFull, TemporarilyUnavailable

RETRY_AFTER = {"Retry-After": "5"}
NEUTRAL = "Something went wrong here, and it was noted"

READERS = {"decode_json", "parse_multipart_form"}
"""Where the framework reads bodies."""

IN_BODY = " - at `$.data."

log = structlog.get_logger()


class Answer(Struct, frozen=True):
    """How to answer a kind of error."""

    status: int
    detail: str | None = None
    """None: the error speaks for itself."""
    headers: dict[str, str] = {}


class ErrorBody(Struct, frozen=True):
    """The body of every answer that is not a success."""

    detail: str


ANSWERS: dict[type[Exception], Answer] = {
    Unauthenticated: Answer(401, headers={"WWW-Authenticate": "Bearer"}),
    Forbidden: Answer(403),
    AskedTooOften: Answer(429),
    MemoryNotFound: Answer(404),
    TooManySessions: Answer(503, headers=RETRY_AFTER),
    PersonNotFound: Answer(404),
    MessageNotFound: Answer(404),
    ChatFileNotFound: Answer(404),
    ChatFileTooLarge: Answer(413),
    SampleNotFound: Answer(404),
    SegmentNotFound: Answer(404),
    RecordingTooLarge: Answer(413),
    NotARecording: Answer(415),
    BusinessError: Answer(400),
    NotFound: Answer(404, "Not found"),
    Conflict: Answer(409, "It was changed or created by somebody else meanwhile"),
    StorageFull: Answer(507, "The storage is full; what was stored before is safe"),
    TemporarilyUnavailable: Answer(503, "Not available now; try again", RETRY_AFTER),
    Exception: Answer(500, NEUTRAL),
}
"""By class; of several the nearest one counts."""

FAILURES = {
    status: ResponseSpec(ErrorBody, description=description, generate_examples=False)
    for status, description in {
        400: "A value is of the right shape, and cannot be",
        401: "The token is missing or wrong",
        404: "The caller has no such thing",
        422: "A value is of the wrong shape; the detail names it",
        503: "Not available now; try again",
    }.items()
}
"""For the description of the interface."""


def answered(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorBody]:
    """Turns any error into an answer. What went wrong inside is noted in the log, and stays there."""
    wrong = "the body holds what is no text, or is nested too deeply" if _is_garbled_body(error) else _mistaken(error)
    if wrong is not None:
        return Response(ErrorBody(wrong), status_code=422)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _refused(request, error)
    answer = next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)
    if answer.status >= 500:
        _note(request, error, answer.status)
    detail, headers = answer.detail or str(error), dict(answer.headers)
    if isinstance(error, AskedTooOften):
        headers["Retry-After"] = str(ceil(error.seconds))
    return Response(ErrorBody(detail), status_code=answer.status, headers=headers)


def _is_garbled_body(error: Exception) -> bool:
    """The framework does not expect bodies that are no text, in an encoding that nobody knows, or nested for ever."""
    if not isinstance(error, UnicodeDecodeError | LookupError | RecursionError):
        return False
    frames = extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].name in READERS


def _mistaken(error: Exception) -> str | None:
    """What is wrong with a field that is called like a dependency of ours: the framework takes it for our mistake.

    None where that is not what happened.
    """
    cause = error.__cause__
    if not isinstance(error, InternalServerException) or not isinstance(cause, msgspec.ValidationError):
        return None
    message, _, place = str(cause).partition(IN_BODY)
    return f"{place.rstrip('`')}: {message}" if place else None


def _refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[ErrorBody]:
    """Answers what the framework refuses. Bodies and parameters of a wrong shape are 422, as the apps know it."""
    malformed = isinstance(error, ValidationException) or isinstance(error.__cause__, SerializationException)
    status = 422 if malformed else error.status_code
    return Response(ErrorBody(_detail(request, error)), status_code=status, headers=error.headers)


def _detail(request: Request[Any, Any, Any], error: HTTPException) -> str:
    """Names the field where there is one."""
    if isinstance(error.extra, list) and error.extra:
        return "; ".join(f"{_name(request, mistake)}: {mistake['message']}" for mistake in error.extra)
    return error.detail.partition(" for path ")[0]


def _name(request: Request[Any, Any, Any], mistake: dict[str, str]) -> str:
    """What the caller calls it, which is not always what the handler does."""
    key = mistake.get("key", "request")
    parameter = request.route_handler.parsed_fn_signature.parameters.get(key)
    return getattr(parameter and parameter.kwarg_definition, "name", None) or key


def _note(request: Request[Any, Any, Any], error: Exception, status: int) -> None:
    """Says where it happened. Not the message: it may quote what somebody said."""
    frames = extract_tb(error.__traceback__)
    at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    route = str(request.scope.get("path_template", ""))
    log.error("request_failed", method=request.method, route=route, status=status, error=type(error).__name__, at=at)
