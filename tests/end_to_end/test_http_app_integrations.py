"""Apps that act for users who have enabled them, with keys of their own, over the whole program."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from dependency_injector import providers
from httpx import Response
from msgspec import structs

from adapters.outbound.plugin_catalog.memory import InMemoryPluginCatalog
from application.plugins.notice_limit import MOST
from domain.ids import PluginId, UserId
from domain.memory import Source, Structure
from domain.plugin import Capability, ExternalIntegration, Plugin
from tests.support.http_app import a_memory, a_segment
from tests.support.program import ANNA, BERT, Running, program

ALL = ("create_conversation", "create_facts", "read_memories", "read_conversations")
NOTEBOOK = PluginId("notebook")
BASE = "/v2/integrations/notebook"
CALLS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "create_conversation": ("POST", "/user/conversations", {"text": "We meet on Monday about the fence."}),
    "create_facts": ("POST", "/user/facts", {"memories": [{"content": "Has a garden"}]}),
    "read_memories": ("GET", "/memories", None),
    "read_conversations": ("GET", "/conversations", None),
    "proactive_notification": ("POST", "/notification", {"message": "The carpenter comes at ten"}),
}
"""One of each kind."""


def an_app(name: str = NOTEBOOK, *, actions: tuple[str, ...] = ALL, owner: UserId | None = BERT, **more: Any) -> Plugin:
    return Plugin(
        id=PluginId(name),
        name=name.title(),
        owner=owner,
        external=ExternalIntegration(actions=actions),
        **{"capabilities": frozenset({Capability.EXTERNAL_INTEGRATION}), **more},
    )


class Scene:
    """A program with an app of Bert's that Anna has enabled."""

    def __init__(self, running: Running, catalog: InMemoryPluginCatalog) -> None:
        self.running = running
        self.catalog = catalog
        self.key = ""

    async def ask(self, method: str, path: str, *, key: str | None = None, uid: str = ANNA, **more: Any) -> Response:
        self.running.become(None)
        headers = {"Authorization": f"Bearer {self.key if key is None else key}"}
        params = {"uid": uid, **more.pop("params", {})}
        return await self.running.client.request(method, path, params=params, headers=headers, **more)

    async def call(self, action: str, **more: Any) -> Response:
        method, path, body = CALLS[action]
        return await self.ask(method, BASE + path, **({"json": body} if body else {}), **more)

    async def as_user(self, user: UserId, method: str, path: str, **more: Any) -> Response:
        self.running.become(user)
        return await self.running.client.request(method, path, **more)


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    catalog = InMemoryPluginCatalog()
    catalog.content = (an_app(),)
    async with program(folder, plugin_catalog=providers.Object(catalog)) as running:
        at = Scene(running, catalog)
        at.key = (await at.as_user(BERT, "POST", "/v1/apps/notebook/keys", json={"label": "home"})).json()["secret"]
        await at.as_user(ANNA, "POST", "/v1/apps/enable", params={"app_id": NOTEBOOK})
        yield at


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as opened:
        yield opened


def words(answer: Response) -> Iterator[str]:
    yield from (one["content"] for one in answer.json()["memories"])


async def test_a_key_is_shown_once_listed_without_its_secret_and_ended(at: Scene) -> None:
    made = await at.as_user(BERT, "POST", "/v1/apps/notebook/keys", json={"label": "travel"})
    assert made.json()["secret"].startswith("omi_app_")
    listed = (await at.as_user(BERT, "GET", "/v1/apps/notebook/keys")).json()
    assert {one["label"] for one in listed} == {"home", "travel"}
    assert all(one.keys() == {"id", "label", "created_at"} for one in listed)
    assert (await at.call("read_memories", key=made.json()["secret"])).status_code == 200
    place = f"/v1/apps/notebook/keys/{made.json()['id']}"
    assert (await at.as_user(BERT, "DELETE", place)).status_code == 200
    assert (await at.as_user(BERT, "DELETE", place)).status_code == 404
    assert (await at.call("read_memories", key=made.json()["secret"])).status_code == 401
    assert (await at.call("read_memories")).status_code == 200


async def test_the_key_itself_is_kept_nowhere(at: Scene) -> None:
    values = at.running.container.key_value_store()
    kept = [await values.get(key) or b"" for key in await values.keys("") if not await values.members(key)]
    assert any(b"home" in value for value in kept)
    assert not any(at.key.encode() in value or at.key[-40:].encode() in value for value in kept)


async def test_only_the_owner_of_an_app_manages_its_keys(at: Scene) -> None:
    at.catalog.content = (*at.catalog.content, an_app("ours", owner=None), an_app("hidden", private=True))
    for app, status in (("notebook", 403), ("ours", 403), ("hidden", 404), ("none", 404)):
        for method in ("GET", "POST"):
            answer = await at.as_user(ANNA, method, f"/v1/apps/{app}/keys")
            assert answer.status_code == status, (app, method)


async def test_what_shows_no_key_of_the_app_opens_nothing(at: Scene) -> None:
    at.catalog.content = (*at.catalog.content, an_app("other"))
    other = (await at.as_user(BERT, "POST", "/v1/apps/other/keys")).json()["secret"]
    for key in (other, at.key[:-1], at.key + "x", at.key.upper(), "omi_app_x", f"token-of-{ANNA}"):
        for action in CALLS:
            answer = await at.call(action, key=key)
            assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid API key"})


async def test_a_key_opens_no_route_of_users(at: Scene) -> None:
    for path in ("/v1/conversations", "/v1/facts", "/v1/apps/notebook/keys"):
        assert (await at.ask("GET", path)).status_code == 401


async def test_what_an_app_may_not_do_or_not_for_a_user_is_said(at: Scene) -> None:
    for action in CALLS:
        answer = await at.call(action, uid="carla")
        assert (answer.status_code, answer.json()["detail"]) == (403, "App is not enabled for this user")
    at.catalog.content = (an_app(actions=(), capabilities=frozenset({Capability.CHAT})),)
    for action in CALLS:
        answer = await at.call(action)
        assert (answer.status_code, answer.json()["detail"]) == (403, f"App does not have the capability: {action}")
    at.catalog.content = (an_app(deleted=True),)
    assert {(await at.call(action)).status_code for action in CALLS} == {401}


async def test_a_user_sees_what_an_app_may_do_before_enabling_it(at: Scene) -> None:
    (app,) = (await at.as_user(UserId("carla"), "GET", "/v1/apps")).json()
    assert [one["action"] for one in app["external_integration"]["actions"]] == list(ALL)


async def test_an_app_that_is_disabled_is_let_in_no_more(at: Scene) -> None:
    await at.as_user(ANNA, "POST", "/v1/apps/disable", params={"app_id": NOTEBOOK})
    assert {(await at.call(action)).status_code for action in CALLS} == {403}


async def test_a_text_is_remembered_once(at: Scene) -> None:
    body = {"text": "User: Call the carpenter.\nSpeaker 1: On Monday.", "started_at": "2026-01-01T10:00:00Z"}
    ids = {(await at.ask("POST", f"{BASE}/user/conversations", json=body)).json()["conversation_id"] for _ in "12"}
    (made,) = ids
    memory = await at.running.container.memory_repository().get(ANNA, made)
    assert (memory.source, memory.discarded) == (Source.EXTERNAL_INTEGRATION, False)
    assert [(s.is_user, s.text) for s in memory.segments] == [(True, "Call the carpenter."), (False, "On Monday.")]
    assert memory.external is not None
    assert memory.external["app_id"] == "notebook"


async def test_a_transcript_is_remembered(at: Scene) -> None:
    segments = [{"text": "We build the fence on Monday, says the carpenter.", "start": 0, "end": 4, "speaker_id": 1}]
    body = {"transcript_segments": segments, "started_at": "2026-01-01T10:00:00Z"}
    ids = {(await at.ask("POST", f"{BASE}/user/conversations", json=body)).json()["conversation_id"] for _ in "12"}
    (made,) = ids
    memory = await at.running.container.memory_repository().get(ANNA, made)
    assert (memory.finished_at - memory.started_at).total_seconds() == 4
    assert [(s.speaker, s.text) for s in memory.segments] == [(1, segments[0]["text"])]
    assert memory.source is Source.EXTERNAL_INTEGRATION


async def test_nothing_is_nothing_to_remember(at: Scene) -> None:
    nothing: list[dict[str, Any]] = [{}, {"text": " "}, {"transcript_segments": []}]
    for body in nothing:
        assert (await at.ask("POST", f"{BASE}/user/conversations", json=body)).status_code == 400
        assert (await at.ask("POST", f"{BASE}/user/memories", json=body | {"memories": []})).status_code == 400


async def test_facts_are_kept_once_and_read(at: Scene) -> None:
    body = {"memories": [{"content": "Has a garden", "tags": ["green", "hobbies"]}, {"content": "Likes tea"}]}
    new = (await at.ask("POST", f"{BASE}/user/memories", json=body)).json()["memories"]
    assert [(one["content"], one["category"], one["conversation_id"]) for one in new] == [
        ("Has a garden", "hobbies", None),
        ("Likes tea", "other", None),
    ]
    assert (await at.ask("POST", f"{BASE}/user/facts", json=body)).json() == {"memories": []}
    assert set(words(await at.call("read_memories"))) == {"Has a garden", "Likes tea"}
    assert len((await at.as_user(ANNA, "GET", "/v3/memories")).json()) == 2
    assert (await at.as_user(BERT, "GET", "/v3/memories")).json() == []


async def test_a_fact_that_the_user_rejected_is_not_brought_back(at: Scene) -> None:
    await at.call("create_facts")
    (fact,) = (await at.as_user(ANNA, "GET", "/v3/memories")).json()
    await at.as_user(ANNA, "POST", f"/v3/memories/{fact['id']}/review", params={"value": "false"})
    await at.call("create_facts")
    assert list(words(await at.call("read_memories"))) == []


async def test_facts_are_looked_for_in_a_text(at: Scene) -> None:
    body = {"text": "My name is Anna. I work as a carpenter in Porto.", "text_source": "email"}
    answer = await at.ask("POST", f"{BASE}/user/memories", json=body)
    assert answer.status_code == 200
    assert list(words(answer)) == list(words(await at.call("read_memories"))) != []


async def test_conversations_are_read_by_time_without_those_that_were_not_worth_keeping(at: Scene) -> None:
    for day in range(1, 5):
        memory = a_memory(f"m{day}", discarded=day == 4, external={"from": "elsewhere"})
        await at.running.keep(structs.replace(memory, created_at=memory.created_at.replace(day=day)))

    async def ids(**params: Any) -> list[str]:
        answer = await at.call("read_conversations", params=params)
        assert all(one["external_data"] is None for one in answer.json()["conversations"])
        return [one["id"] for one in answer.json()["conversations"]]

    assert await ids() == ["m3", "m2", "m1"]
    assert await ids(include_discarded=True, limit=1) == ["m4"]
    assert await ids(limit=1, offset=1) == ["m2"]
    assert await ids(start_date="2026-01-02T00:00:00Z", end_date="2026-01-03T23:00:00") == ["m3", "m2"]
    assert await ids(start_date="2026-01-02T00:00:00Z", limit=1, offset=1) == ["m2"]
    assert await ids(statuses="processing") == []
    for wrong in ({"statuses": "x"}, {"start_date": "0001-01-01T00:00:00Z"}):
        assert (await at.call("read_conversations", params=wrong)).status_code == 400
    assert (await at.call("read_conversations", params={"start_date": "soon"})).status_code == 422


async def test_conversations_are_found(at: Scene) -> None:
    for name, discarded in (("fence", False), ("gone", True)):
        said = (a_segment(f"We talk about the {name} and the carpenter"),)
        await at.running.keep(a_memory(name, segments=said, discarded=discarded, structure=Structure(title=name)))
    answer = await at.ask("POST", f"{BASE}/search/conversations", json={"query": "carpenter", "per_page": 1})
    assert [one["id"] for one in answer.json()["conversations"]] == ["fence"]
    assert answer.json()["total_pages"] == 1
    later = {"query": "carpenter", "start_date": "2027-01-01T00:00:00Z"}
    answer = await at.ask("POST", f"{BASE}/search/conversations", json=later)
    assert answer.json()["conversations"] == []


async def test_a_user_is_told_something_in_the_chat_and_not_too_often(at: Scene) -> None:
    body = {"uid": ANNA, "aid": "notebook", "message": "By the old address"}
    assert (await at.ask("POST", "/v1/integrations/notification", json=body)).json() == {"status": "Ok"}
    in_address = await at.ask("POST", f"{BASE}/notification", params={"message": "In the address"})
    assert in_address.json() == {"status": "Ok"}
    for _ in range(MOST - 2):
        assert (await at.call("proactive_notification")).status_code == 200
    refused = await at.call("proactive_notification")
    assert refused.status_code == 429
    assert 3_000 < int(refused.headers["Retry-After"]) <= 3_600
    told = await at.running.container.chat_history().recent(ANNA)
    assert len(told) == MOST
    assert {(one.plugin_id, one.from_integration) for one in told} == {("notebook", True)}
    assert {"By the old address", "In the address"} < {one.text for one in told}
    assert (await at.ask("POST", f"{BASE}/notification")).status_code == 400


async def test_what_apps_left_goes_with_the_user(at: Scene) -> None:
    for action in CALLS:
        await at.call(action)
    values = at.running.container.key_value_store()
    assert any("app_notices" in key for key in await values.keys(f"users:{ANNA}:"))
    await at.as_user(ANNA, "DELETE", "/v1/users/delete-account")
    with anyio.fail_after(10):
        while await values.keys(f"users:{ANNA}:"):
            await anyio.sleep(0.02)
