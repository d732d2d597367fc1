"""What the app changes of a memory by hand, and what others are shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.inbound.http.application import provided
from adapters.inbound.http.memory_edits import MemoryEditsController, PublicMemoriesController
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from application.memories.edit_memories import EditMemories
from domain.ids import MemoryId
from domain.memory import ActionItem, CalendarEvent, Geolocation, Memory, Structure
from tests.support.http_app import ANNA, BERT, NOON, Backend, keep

Client = AsyncTestClient[Litestar]

MEMORY = Memory(
    id=MemoryId("first"),
    created_at=NOON,
    structure=Structure(
        title="Tea",
        action_items=(ActionItem(description="Buy tea"), ActionItem(description="Boil water")),
        events=(CalendarEvent(title="Tea time", start=NOON),),
    ),
    geolocation=Geolocation(latitude=1.0, longitude=2.0),
)


class Scene:
    def __init__(self) -> None:
        self.backend = Backend()
        self.edits = EditMemories(
            memories=self.backend.memories,
            values=InMemoryKeyValueStore(clock=self.backend.clock),
            recall=self.backend.recall,
        )

    @asynccontextmanager
    async def client(self, user: str | None = ANNA) -> AsyncIterator[Client]:
        handlers = [MemoryEditsController, PublicMemoriesController]
        needed = {"edit_memories": provided(self.edits)}
        async with self.backend.client(user, handlers=handlers, dependencies=needed) as client:
            yield client


@pytest.fixture
async def scene() -> Scene:
    scene = Scene()
    await keep(scene.backend, ANNA, MEMORY)
    return scene


async def structured(client: Client) -> dict[str, object]:
    found: dict[str, object] = (await client.get("/v1/memories/first")).json()["structured"]
    return found


async def test_a_new_title_is_shown_and_found(scene: Scene) -> None:
    async with scene.client() as client:
        answer = await client.patch("/v1/memories/first/title", params={"title": " Crumpets "})
        assert (answer.status_code, answer.json()) == (200, {"status": "Ok"})
        assert (await structured(client))["title"] == "Crumpets"
    assert [found.memory.id for found in await scene.backend.recall.search(ANNA, "crumpets")] == ["first"]


@pytest.mark.parametrize("title", ["", "   ", "x" * 501])
async def test_a_title_that_is_none_is_refused(scene: Scene, title: str) -> None:
    async with scene.client() as client:
        answer = await client.patch("/v1/memories/first/title", params={"title": title})
        assert answer.status_code == 400
        assert (await structured(client))["title"] == "Tea"


async def test_ticks_are_kept_and_places_that_there_are_not_passed_over(scene: Scene) -> None:
    async with scene.client() as client:
        body = {"items_idx": [1, 7, -1], "values": [True, True, True]}
        assert (await client.patch("/v1/memories/first/action-items", json=body)).status_code == 200
        events = {"events_idx": [0, 5], "values": [True, False]}
        assert (await client.patch("/v1/memories/first/events", json=events)).status_code == 200
        now = (await client.get("/v1/memories/first")).json()["structured"]
    assert [item["completed"] for item in now["action_items"]] == [False, True]
    assert [event["created"] for event in now["events"]] == [True]


async def test_as_many_values_as_places_are_expected(scene: Scene) -> None:
    async with scene.client() as client:
        answer = await client.patch("/v1/memories/first/events", json={"events_idx": [0], "values": []})
        assert answer.status_code == 400


async def test_an_action_item_can_be_taken_away(scene: Scene) -> None:
    async with scene.client() as client:
        body = {"description": "Buy tea", "completed": False}
        answer = await client.request("DELETE", "/v1/memories/first/action-items", json=body)
        assert answer.status_code == 200
        items = (await client.get("/v1/memories/first")).json()["structured"]["action_items"]
    assert [(item["description"], item["deleted"]) for item in items] == [("Buy tea", True), ("Boil water", False)]


@pytest.mark.parametrize("name", ["value", "visibility"])
async def test_what_is_shared_can_be_read_by_anybody_but_not_where_it_was(scene: Scene, name: str) -> None:
    async with scene.client() as client:
        await client.patch("/v1/memories/first/visibility", params={name: "shared"})
    async with scene.client(None) as stranger:
        shown = await stranger.get("/v1/memories/first/shared")
        assert shown.status_code == 200
        assert shown.json()["geolocation"] is None
        assert (await stranger.get("/v1/public-memories")).json() == []
        assert (await stranger.get("/v1/memories/first")).status_code == 401


async def test_what_is_public_is_listed_until_it_is_private_again(scene: Scene) -> None:
    async with scene.client() as client, scene.client(None) as stranger:
        await client.patch("/v1/memories/first/visibility", params={"value": "public"})
        assert [memory["id"] for memory in (await stranger.get("/v1/public-memories")).json()] == ["first"]
        await client.patch("/v1/memories/first/visibility", params={"value": "private"})
        assert (await stranger.get("/v1/public-memories")).json() == []
        assert (await stranger.get("/v1/memories/first/shared")).status_code == 404


async def test_a_private_memory_and_none_at_all_look_the_same(scene: Scene) -> None:
    async with scene.client(None) as stranger:
        private = await stranger.get("/v1/memories/first/shared")
        absent = await stranger.get("/v1/memories/none/shared")
    assert (
        (private.status_code, private.json())
        == (absent.status_code, absent.json())
        == (404, {"detail": "Memory is private"})
    )


async def test_nobody_changes_what_is_not_theirs(scene: Scene) -> None:
    async with scene.client(BERT) as bert:
        for path, more in (
            ("title", {"params": {"title": "Mine"}}),
            ("visibility", {"params": {"value": "public"}}),
            ("events", {"json": {"events_idx": [0], "values": [True]}}),
            ("action-items", {"json": {"items_idx": [0], "values": [True]}}),
        ):
            assert (await bert.patch(f"/v1/memories/first/{path}", **more)).status_code == 404, path
    async with scene.client(None) as stranger:
        assert (await stranger.get("/v1/memories/first/shared")).status_code == 404


async def test_a_visibility_that_does_not_exist_is_refused(scene: Scene) -> None:
    async with scene.client() as client:
        answer = await client.patch("/v1/memories/first/visibility", params={"value": "everywhere"})
        assert answer.status_code == 400
        assert "private, shared, public" in answer.json()["detail"]
