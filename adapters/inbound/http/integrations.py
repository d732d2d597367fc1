"""`/v1/integrations`: programs that bring memories for a user, with a key of their own."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from adapters.inbound.http.authentication import PUBLIC
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.requests import CreateMemoryIn, GeolocationIn, memory_request
from adapters.inbound.http.wire import WireMemory, memory_to_wire
from application.memories.remember_external import RememberExternal
from application.plugins.integration_keys import IntegrationKeys
from domain.errors import InvalidRequest
from domain.ids import MemoryId, UserId, derived_id
from domain.integration import ExternalText, Integration, TextSource
from domain.memory import Source

KEY_HEADERS = ("api-key", "api_key")
"""The first is what the original's framework made of the second; programs send either."""
MOST_MEMORIES = 12

Text = Annotated[str, Meta(max_length=500_000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Second = Annotated[float, Meta(ge=0, le=221_800_000_000)]


class WorkflowIn(Struct, kw_only=True):
    """What a workflow wants remembered."""

    text: Text
    text_source: TextSource = TextSource.AUDIO_TRANSCRIPT
    started_at: datetime | None = None
    finished_at: datetime | None = None
    geolocation: GeolocationIn | None = None
    source: Source = Source.WORKFLOW
    language: Annotated[str, Meta(max_length=200)] | None = None


class TimestampRange(Struct, frozen=True):
    """Seconds since 1970."""

    start: Second
    end: Second


class ScreenpipeIn(Struct, kw_only=True):
    """What was seen on a screen, or heard by a computer."""

    request_id: Name
    source: str
    """`screen` or `audio`."""
    text: Text
    timestamp_range: TimestampRange


class IntegrationsController(Controller):
    """Closed by a key for one program and one user, not by the user's token."""

    path = "/v1/integrations"
    opt = PUBLIC
    security: Sequence[dict[str, list[str]]] | None = [{"integration_key": []}]
    tags: Sequence[str] | None = ["integrations"]

    @post("/workflow/memories", status_code=200, responses=FAILURES, summary="Have a text remembered")
    async def bring_from_workflow(
        self,
        *,
        request: Request[Any, Any, Any],
        integration_keys: NamedDependency[IntegrationKeys],
        remember_external: NamedDependency[RememberExternal],
        data: JSONBody[WorkflowIn],
        uid: FromQuery[str],
    ) -> dict[str, str]:
        """Makes a memory of a text. The same text of the same time again makes no second one."""
        user = await _program(request, integration_keys, Integration.WORKFLOW, uid)
        await remember_external.remember(user, _of_workflow(user, data))
        return {}

    @get("/workflow/memories", status_code=200, responses=FAILURES, summary="The latest memories")
    async def read_for_workflow(
        self,
        *,
        request: Request[Any, Any, Any],
        integration_keys: NamedDependency[IntegrationKeys],
        remember_external: NamedDependency[RememberExternal],
        uid: FromQuery[str],
        limit: Annotated[int, QueryParameter(ge=1, le=MOST_MEMORIES)] = 1,
    ) -> list[WireMemory]:
        """Lists memories that were not discarded, newest first."""
        user = await _program(request, integration_keys, Integration.WORKFLOW, uid)
        return [memory_to_wire(memory) for memory in await remember_external.latest(user, limit=limit)]

    @post("/screenpipe", status_code=200, responses=FAILURES, summary="Have a screen or a recording remembered")
    async def bring_from_screenpipe(
        self,
        *,
        request: Request[Any, Any, Any],
        integration_keys: NamedDependency[IntegrationKeys],
        remember_external: NamedDependency[RememberExternal],
        data: JSONBody[ScreenpipeIn],
        uid: FromQuery[str],
    ) -> dict[str, str]:
        """Makes a memory of what was seen or heard; the same `request_id` again makes no second one."""
        user = await _program(request, integration_keys, Integration.SCREENPIPE, uid)
        await remember_external.remember(user, _of_screenpipe(user, data))
        return {}


async def _program(
    request: Request[Any, Any, Any], keys: IntegrationKeys, integration: Integration, uid: str
) -> UserId:
    """The user that a program may act for.

    Raises:
        Unauthenticated: its key is missing or another one.
    """
    key = next((request.headers[name] for name in KEY_HEADERS if name in request.headers), "")
    user = UserId(uid)
    await keys.check(integration, user, key)
    return user


def _of_workflow(user: UserId, body: WorkflowIn) -> ExternalText:
    place = memory_request(
        CreateMemoryIn(
            transcript_segments=[],
            started_at=body.started_at,
            finished_at=body.finished_at,
            geolocation=body.geolocation,
            language=body.language,
        ),
        language=None,
        source=None,
    )
    known = derived_id("workflow", user, place.started_at.isoformat(), body.text) if place.started_at else None
    return ExternalText(
        text=body.text,
        text_source=body.text_source,
        source=body.source,
        started_at=place.started_at,
        finished_at=place.finished_at,
        language=place.language,
        geolocation=place.geolocation,
        external=msgspec.to_builtins(body),
        memory_id=MemoryId(known) if known else None,
    )


def _of_screenpipe(user: UserId, body: ScreenpipeIn) -> ExternalText:
    kinds = {"screen": TextSource.OTHER_TEXT, "audio": TextSource.AUDIO_TRANSCRIPT}
    if body.source not in kinds:
        raise InvalidRequest("source: expected screen or audio")
    if body.timestamp_range.end < body.timestamp_range.start:
        raise InvalidRequest("timestamp_range: it ends before it starts")
    return ExternalText(
        text=body.text,
        text_source=kinds[body.source],
        source=Source.SCREENPIPE,
        started_at=datetime.fromtimestamp(body.timestamp_range.start, UTC),
        finished_at=datetime.fromtimestamp(body.timestamp_range.end, UTC),
        external=msgspec.to_builtins(body),
        memory_id=MemoryId(derived_id("screenpipe", user, body.request_id)),
    )
