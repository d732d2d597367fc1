"""`/v1/users`: language, whereabouts, ratings, and the end of an account, after which nothing is left on the disk."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from dependency_injector import providers

from adapters.outbound.plugin_catalog.memory import InMemoryPluginCatalog
from domain.ids import UserId
from domain.person import Person
from domain.plugin import Trigger
from tests.support.http_app import NOON, a_memory, a_segment
from tests.support.plugins import a_plugin
from tests.support.program import BERT, Running, program

LEAVER = UserId("somebody-who-leaves")
WORD = "Zanzibarquux"
PLUGIN = a_plugin("hook", trigger=Trigger.TRANSCRIPT_PROCESSED)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path, **catalog()) as running:
        yield running


def catalog() -> dict[str, Any]:
    plugins = InMemoryPluginCatalog()
    plugins.content = (PLUGIN,)
    return {"plugin_catalog": providers.Object(plugins)}


async def test_the_language_of_what_is_written_is_the_users_choice(running: Running) -> None:
    path = "/v1/users/language"
    assert (await running.client.get(path)).json() == {"language": None}
    answer = await running.client.patch(path, json={"language": "de"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert (await running.client.get(path)).json() == {"language": "de"}
    running.become(BERT)
    assert (await running.client.get(path)).json() == {"language": None}


@pytest.mark.parametrize("nothing", [None, "null", "", "multi", "auto"])
async def test_no_language_is_that_of_each_conversation(running: Running, nothing: str | None) -> None:
    await running.client.patch("/v1/users/language", json={"language": "de"})
    await running.client.patch("/v1/users/language", json={"language": nothing})
    assert (await running.client.get("/v1/users/language")).json() == {"language": None}


async def test_what_is_no_language_is_refused(running: Running) -> None:
    assert (await running.client.patch("/v1/users/language", json={"language": "de; obey"})).status_code == 422


@pytest.mark.parametrize("place", [{}, {"latitude": 91, "longitude": 0}, {"latitude": 1}, {"latitude": "x"}])
async def test_what_is_no_place_is_refused(running: Running, place: dict[str, Any]) -> None:
    assert (await running.client.patch("/v1/users/geolocation", json=place)).status_code == 422


async def test_no_app_asks_for_ratings_that_nobody_looks_at(running: Running) -> None:
    await running.keep(a_memory("mine"))
    path, mine = "/v1/users/analytics/memory_summary", {"memory_id": "mine"}
    assert (await running.client.post(path, params=mine | {"value": "1"})).json() == {"status": "ok"}
    assert (await running.client.get(path, params=mine)).json() == {"has_rating": True, "rating": -1}
    said = await running.client.post("/v1/users/analytics/chat_message", params={"message_id": "x", "value": "-1"})
    assert (said.status_code, said.json()) == (200, {"status": "ok"})
    running.become(BERT)
    assert (await running.client.get(path, params=mine)).status_code == 404
    assert (await running.client.post(path, params=mine | {"value": "1"})).status_code == 404


async def lived(running: Running, user: UserId) -> None:
    """Somebody used all there is."""
    container, client = running.container, running.client
    running.become(user)
    text = f"{WORD} {user}"
    await running.keep(a_memory(f"memory-{user}", segments=(a_segment(text),)), user=user)
    await client.patch(f"/v1/conversations/memory-{user}/visibility", params={"value": "public"})
    await client.post("/v1/facts", json={"content": text})
    fact = (await client.post("/v3/memories", json={"content": f"{text} too", "visibility": "public"})).json()
    await client.post(f"/v1/facts/{fact['id']}/review", params={"value": "false"})
    await client.post("/v1/messages", json={"text": text})
    await client.post("/v1/users/fcm-token", json={"fcm_token": text, "time_zone": "Europe/Berlin"})
    await client.patch("/v1/users/language", json={"language": "de"})
    await client.post("/v1/users/store-recording-permission", params={"value": "true"})
    await client.post("/v1/users/developer/webhook/memory_created", json={"url": f"https://h.example/{WORD}"})
    await client.patch("/v1/users/geolocation", json={"latitude": 1, "longitude": 2, "address": text})
    await client.post("/v1/apps/enable", params={"app_id": "hook"})
    await client.post("/v1/apps/review", params={"app_id": "hook"}, json={"score": 4, "review": text})
    await container.emotional_feedback().want(user)
    await container.people().save(user, Person(id=UserId("p"), name=text, created_at=NOON, updated_at=NOON))  # type: ignore[arg-type]
    await container.object_store().put(user, "recordings/x/0.flac", text.encode())


async def has_gone(running: Running) -> None:
    running.become(LEAVER)
    answer = await running.client.delete("/v1/users/delete-account")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "message": "Account deletion started"}


async def settled(running: Running, user: UserId) -> None:
    """Until the work is done; it looks again after a while, and overwrites its own note at the end."""
    with anyio.fail_after(15):
        while await running.container.job_queue().ids_of(user):
            await anyio.sleep(0.05)


def traces(folder: Path, user: UserId) -> list[str]:
    """Files that know of a user."""
    sought = (f"{WORD} {user}".lower().encode(), user.encode(), f"memory-{user}".encode())
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(word in path.read_bytes().lower() for word in sought)
    ]


async def test_of_a_deleted_account_no_byte_is_left_and_others_keep_theirs(tmp_path: Path) -> None:
    async with program(tmp_path, **catalog()) as running:
        await lived(running, BERT)
        await lived(running, LEAVER)
        async with running.talking(3, user=LEAVER) as session:
            assert traces(tmp_path, LEAVER)
            await has_gone(running)
            await session.taken_over.wait()
        await settled(running, LEAVER)
        for path in ("/v1/memories", "/v1/facts", "/v3/memories", "/v1/users/people"):
            assert (await running.client.get(path)).json() == [], path
        assert (await running.client.get("/v1/users/language")).json() == {"language": None}
        assert (await running.client.get("/v1/users/developer/webhook/memory_created")).json() == {"url": ""}
        assert (await running.client.get("/v1/apps/hook")).json()["enabled"] is False
        [left] = (await running.client.get("/v1/public-memories")).json()
        assert left["id"] == f"memory-{BERT}"
        running.become(BERT)
        assert len((await running.client.get("/v1/facts")).json()) == 1
        [review] = (await running.client.get("/v1/apps/hook/reviews")).json()
        assert review["uid"] == BERT
    assert traces(tmp_path, LEAVER) == []
    assert traces(tmp_path, BERT)


async def test_a_conversation_of_which_nobody_has_made_a_memory_goes_too(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        async with running.talking(3, user=LEAVER):
            pass
        assert running.container.conversations().open
        await has_gone(running)
        await settled(running, LEAVER)
        assert running.container.conversations().open == ()
        assert await running.container.capture_journal().conversations() == ()
