"""Programs that bring memories, and trends, over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from httpx import AsyncClient
from litestar import Litestar
from litestar.testing import AsyncTestClient
from msgspec import Struct

from adapters.inbound.http.application import provided
from adapters.inbound.http.integrations import IntegrationsController
from adapters.inbound.http.trends import TrendsController
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.days.tell_trends import TellTrends
from application.memories.remember_external import RememberExternal
from application.plugins.integration_keys import IntegrationKeys
from domain.ids import UserId
from domain.integration import Integration
from domain.memory import Category, Memory, Source, Structure
from ports.memory_repository import MemoryQuery
from tests.support.http_app import ANNA, BERT, Backend, PlainMaker, a_memory, keep

WORKFLOW = "/v1/integrations/workflow/memories"
SCREENPIPE = "/v1/integrations/screenpipe"
SCREEN = {
    "request_id": "r1",
    "source": "screen",
    "text": "An invoice of 30 euros",
    "timestamp_range": {"start": 1_767_268_800, "end": 1_767_268_860},
}


class Scene(Struct):
    backend: Backend
    keys: IntegrationKeys
    client: AsyncTestClient[Litestar]

    async def memories(self, user: UserId) -> tuple[Memory, ...]:
        return (await self.backend.memories.page(user, MemoryQuery())).memories


@asynccontextmanager
async def scene(user: UserId | None = None) -> AsyncIterator[Scene]:
    backend = Backend()
    keys = IntegrationKeys(values=InMemoryKeyValueStore(clock=backend.clock))
    external = RememberExternal(
        make_memory=PlainMaker(backend.memories, backend.recall), memories=backend.memories, clock=backend.clock
    )
    dependencies = {
        "integration_keys": provided(keys),
        "remember_external": provided(external),
        "trends": provided(TellTrends(memories=backend.memories, clock=backend.clock)),
    }
    handlers = [IntegrationsController, TrendsController]
    async with backend.client(user, handlers=handlers, dependencies=dependencies) as client:
        yield Scene(backend, keys, client)


async def post(client: AsyncClient, path: str, body: object, *, key: str, uid: str = ANNA, header: str = "api-key"):  # type: ignore[no-untyped-def]
    return await client.post(path, json=body, params={"uid": uid}, headers={header: key})


@pytest.mark.parametrize("header", ["api-key", "api_key", "Api-Key"])
async def test_a_workflow_has_a_text_remembered(header: str) -> None:
    body = {
        "text": "User: Call the dentist\nSpeaker 1: On Thursday",
        "started_at": "2026-01-01T10:00:00",
        "geolocation": {"latitude": 52.5, "longitude": 13.4},
        "language": "en",
    }
    async with scene() as at:
        key = await at.keys.create(Integration.WORKFLOW, ANNA)
        for _ in range(2):
            answer = await post(at.client, WORKFLOW, body, key=key, header=header)
            assert (answer.status_code, answer.json()) == (200, {})
        (memory,) = await at.memories(ANNA)
    assert memory.source is Source.WORKFLOW
    assert memory.started_at == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert [(s.is_user, s.text) for s in memory.segments] == [(True, "Call the dentist"), (False, "On Thursday")]
    assert memory.geolocation is not None
    assert memory.external is not None
    assert memory.external["text_source"] == "audio_transcript"


@pytest.mark.parametrize(("path", "body"), [(WORKFLOW, {"text": "hello"}), (SCREENPIPE, SCREEN)])
async def test_without_the_users_own_key_nothing_is_taken(path: str, body: object) -> None:
    async with scene() as at:
        of_bert = [await at.keys.create(kind, BERT) for kind in Integration]
        for key in ("", "guess", *of_bert):
            answer = await post(at.client, path, body, key=key)
            assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid API Key"})
        assert (await at.client.post(path, json=body, params={"uid": ANNA})).status_code == 401
        assert await at.memories(ANNA) == ()


async def test_a_workflow_reads_the_latest_memories() -> None:
    async with scene() as at:
        key = await at.keys.create(Integration.WORKFLOW, ANNA)
        for minute in range(3):
            await keep(at.backend, ANNA, a_memory(f"m{minute}"))
        await keep(at.backend, ANNA, a_memory("z", discarded=True))

        async def read(**query: object) -> AsyncIterator[object]:
            return await at.client.get(WORKFLOW, params={"uid": ANNA, **query}, headers={"api-key": key})

        assert [memory["id"] for memory in (await read()).json()] == ["m2"]
        assert [memory["id"] for memory in (await read(limit=12)).json()] == ["m2", "m1", "m0"]
        assert (await read(limit=13)).status_code == 422
        refused = await at.client.get(WORKFLOW, params={"uid": BERT}, headers={"api-key": key})
        assert refused.status_code == 401


async def test_a_screen_is_remembered_once() -> None:
    async with scene() as at:
        key = await at.keys.create(Integration.SCREENPIPE, ANNA)
        for _ in range(2):
            assert (await post(at.client, SCREENPIPE, SCREEN, key=key, header="api_key")).json() == {}
        (memory,) = await at.memories(ANNA)
    assert (memory.source, memory.external) == (Source.SCREENPIPE, SCREEN)
    assert memory.started_at == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert memory.segments[0].text == "An invoice of 30 euros"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"source": "camera"}, 400),
        ({"text": " "}, 400),
        ({"timestamp_range": {"start": 2, "end": 1}}, 400),
        ({"timestamp_range": {"start": 2}}, 422),
        ({"request_id": ""}, 422),
    ],
)
async def test_a_screen_that_makes_no_sense_is_refused(change: dict[str, object], status: int) -> None:
    async with scene() as at:
        key = await at.keys.create(Integration.SCREENPIPE, ANNA)
        assert (await post(at.client, SCREENPIPE, SCREEN | change, key=key)).status_code == status
        assert await at.memories(ANNA) == ()


@pytest.mark.parametrize("change", [{"text_source": "song"}, {"source": "moon"}, {"text": None}])
async def test_a_workflow_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    async with scene() as at:
        key = await at.keys.create(Integration.WORKFLOW, ANNA)
        assert (await post(at.client, WORKFLOW, {"text": "hello"} | change, key=key)).status_code == 422


async def test_trends_are_the_callers_own() -> None:
    async with scene(ANNA) as at:
        structure = Structure(category=Category.TRAVEL)
        await keep(at.backend, ANNA, a_memory(topics=("Rome",), structure=structure))
        await keep(at.backend, BERT, a_memory(topics=("Secret",), structure=structure))
        (trend,) = (await at.client.get("/v1/trends")).json()
    assert (trend["category"], trend["type"]) == ("travel", "best")
    assert [(topic["topic"], topic["memories_count"]) for topic in trend["topics"]] == [("rome", 1)]


async def test_trends_are_closed_to_strangers() -> None:
    async with scene() as at:
        assert (await at.client.get("/v1/trends")).status_code == 401
