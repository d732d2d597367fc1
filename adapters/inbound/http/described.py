"""The description of the interface, completed: which failures each route has, and what bodies look like."""

from copy import deepcopy
from typing import Any

from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

from adapters.inbound.http import examples

Operation = dict[str, Any]

JSON = "application/json"
METHODS = ("get", "post", "put", "patch", "delete")
FAILURE = {"schema": {"$ref": "#/components/schemas/ErrorBody"}}
DESCRIPTIONS = {
    400: "A value is of the right shape, and cannot be",
    401: "The token is missing or wrong",
    403: "It is known who asks, and they may not do that",
    404: "The caller has no such thing",
    409: "It was changed or created by somebody else meanwhile",
    413: "The body is too large",
    415: "The file is no recording that can be read",
    422: "A value is of the wrong shape; the detail names it",
    429: "It was done as often as it may be for now",
    500: "Something went wrong here, and it was noted",
    503: "Not available now; try again",
    507: "The storage is full; what was stored before is safe",
}
DETAILS = {
    400: "limit: expected 1 to 1000",
    401: "Authorization header not found",
    404: "Not found",
    413: "Request Entity Too Large",
    415: "not a recording that can be read; WAV, FLAC and Ogg work",
    422: "data: Object missing required field `text`",
}
HEADERS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
KEYS = ("/v1/integrations", "/v2/integrations")
OF_APPS = ("/v2/integrations", "/v1/integrations/notification", "/v1/apps/{app_id}/keys")
"""Where 403 says what an app may not do, or whose it is not."""
NOTICES = "/notification"
"""How routes end that disturb a user, not too often."""
CALLBACK = "/v1/agents/hume/callback"
MAY_BE_ABSENT = {
    ("/v1/conversations", "post"),
    ("/v1/firmware/latest", "get"),
    ("/v2/firmware/latest", "get"),
    ("/v2/memories", "post"),
    ("/webhook", "get"),
}
"""Where 404 says that there is nothing now."""
NAMES = {"memory_id", "plugin_id", "app_id", "person_id"}
"""Parameters that name something of the caller's, beside those of paths."""
STREAMED = {"/v2/messages": "", "/v2/voice-messages": "message: eyJpZCI6ICI0YTViIn0=\n\n"}
"""Where `POST` answers line by line, and what comes before the lines of an answer."""
RECORDINGS = "/v1/objects/{token}"


class CompletedDescription(JsonRenderPlugin):
    """Serves the description as JSON."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Completes what the framework found, and renders it."""
        return super().render(request, completed(openapi_schema))


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """A description with every failure that a route can have, none that it cannot, and with examples."""
    document = deepcopy(document)
    shown = examples.by_name()
    document["components"]["schemas"].setdefault("ErrorBody", _ERROR)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                _tell_success(path, method, operation)
                _tell_failures(path, method, operation)
                _show(path, operation, shown)
    return document


_ERROR = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}


def _tell_success(path: str, method: str, operation: Operation) -> None:
    """What answers hold that are not of a type: a stream of lines, recordings, nothing."""
    answers = operation["responses"]
    if method == "post" and path in STREAMED:
        answer = "think: Searching your memories\n\ndata: On Friday [1].\n\ndone: eyJpZCI6ICI1YTZiIn0=\n\n"
        example = f"{STREAMED[path]}{answer}"
        answers["200"]["content"] = {"text/event-stream": {"schema": {}, "example": example}}
    if path == RECORDINGS:
        kinds = ("audio/wav", "audio/flac", "image/jpeg", "application/octet-stream")
        answers["200"]["content"] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
    if path == "/health/ready":
        answers["503"] = {**answers["200"], "description": "An adapter is broken, or the process drains"}


def _tell_failures(path: str, method: str, operation: Operation) -> None:
    if path.startswith("/health"):
        return
    answers = operation["responses"]
    for status in [status for status in answers if int(status) >= 400]:
        del answers[status]
    for status in sorted(_failures(path, method, operation)):
        answer: dict[str, Any] = {"description": DESCRIPTIONS[status], "content": {JSON: _failure(status)}}
        if status in HEADERS:
            answer["headers"] = {HEADERS[status]: {"schema": {"type": "string"}}}
        answers[str(status)] = answer


def _failure(status: int) -> dict[str, Any]:
    return {**FAILURE, "example": {"detail": DETAILS.get(status, DESCRIPTIONS[status])}}


def _failures(path: str, method: str, operation: Operation) -> set[int]:
    """The statuses of failures that a route can answer with."""
    parameters, body = operation.get("parameters", []), operation.get("requestBody")
    is_open = operation.get("security") == [{}]
    found = {500, 503}
    if not is_open or path.startswith(KEYS):
        found.add(401)
    if not is_open and not path.startswith(KEYS):
        found.add(429)
    if parameters or body:
        found |= {400, 422}
    if (path, method) in MAY_BE_ABSENT or any(p["in"] == "path" or p["name"] in NAMES for p in parameters):
        found.add(404)
    found |= _refusals(path)
    if method != "get":
        found |= {409, 507}
    if body:
        found.add(413)
        found |= {415} if "multipart/form-data" in body["content"] else set()
    if path == CALLBACK:
        found.discard(422)
    return found


def _refusals(path: str) -> set[int]:
    """The statuses by which somebody who is known is refused."""
    return ({403} if path.startswith(OF_APPS) else set()) | ({429} if path.endswith(NOTICES) else set())


def _show(path: str, operation: Operation, shown: dict[str, Any]) -> None:
    body = operation.get("requestBody", {}).get("content", {})
    answers = [answer.get("content", {}) for answer in operation["responses"].values()]
    for content in (*body.values(), *(answer[JSON] for answer in answers if JSON in answer)):
        example = content.get("example") or _example(content["schema"], shown)
        if content in body.values():
            example = examples.BODIES.get(path, example)
        if example is not None:
            content["example"] = example


def _example(schema: dict[str, Any], shown: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """What a schema looks like when it is filled; None where nobody gave an example."""
    if "$ref" in schema:
        return shown.get(schema["$ref"].rpartition("/")[2])
    if "oneOf" in schema:  # a body that may be left out
        return next((found for one in schema["oneOf"] if (found := _example(one, shown)) is not None), None)
    if schema.get("type") == "array":
        return [_example(schema["items"], shown)]
    if schema == {"type": "string"}:
        return examples.LINK
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        return {"status": "ok"} if values.get("type") == "string" else {"whisperx": _example(values, shown)}
    return None
