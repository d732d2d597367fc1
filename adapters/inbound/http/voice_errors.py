"""What is wrong with voices and people, seen from outside. For the `exception_handlers` of their controllers."""

from typing import Any

from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from adapters.inbound.http.errors import ErrorBody
from domain.errors import BusinessError
from domain.voice_errors import (
    NotARecording,
    PersonNotFound,
    RecordingTooLarge,
    SampleNotFound,
    SegmentNotFound,
)

STATUSES: dict[type[BusinessError], int] = {
    PersonNotFound: 404,
    SampleNotFound: 404,
    SegmentNotFound: 404,
    RecordingTooLarge: 413,
    NotARecording: 415,
}
"""All others are 400, as for every error of a request."""


def _answered(_: Request[Any, Any, Any], error: BusinessError) -> Response[ErrorBody]:
    return Response(ErrorBody(str(error)), status_code=STATUSES[type(error)])


HANDLERS: ExceptionHandlersMap = dict.fromkeys(STATUSES, _answered)
