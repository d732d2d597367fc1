"""`/v1/apps`: plugins, as the apps of 2025 read them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers

from adapters.outbound.plugin_catalog.memory import InMemoryPluginCatalog
from adapters.outbound.plugin_gateway.fake import FakePluginGateway
from domain.plugin import Trigger
from tests.support.plugins import a_plugin, a_prompt_plugin
from tests.support.program import ANNA, BERT, Running, program

HOOK = a_plugin("hook", trigger=Trigger.MEMORY_CREATION, setup="https://hook.example/setup")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    catalog = InMemoryPluginCatalog()
    catalog.content = (HOOK, a_prompt_plugin("sum"), a_prompt_plugin("mine", private=True, owner=BERT))
    adapters = {"plugin_catalog": catalog, "plugin_gateway": FakePluginGateway()}
    async with program(tmp_path, **{n: providers.Object(adapter) for n, adapter in adapters.items()}) as running:
        yield running


async def get(running: Running, path: str) -> Any:
    answer = await running.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_app_has_what_newer_clients_require(running: Running) -> None:
    apps = await get(running, "/v1/apps?include_reviews=true")
    assert [app["id"] for app in apps] == ["hook", "sum"]
    for app in apps:
        assert isinstance(app["capabilities"], list)
        assert all(isinstance(app[key], str) for key in ("id", "name", "author", "description", "image", "category"))
        assert all(isinstance(app[key], bool) for key in ("enabled", "deleted", "private", "approved", "is_paid"))
        assert all(isinstance(app[key], float) for key in ("price", "money_made"))
        assert all(isinstance(app[key], int) for key in ("rating_count", "installs"))
        assert (app["status"], app["reviews"], app["rating_avg"]) == ("approved", [], None)
    assert apps[0]["external_integration"]["triggers_on"] == "memory_creation"
    assert await get(running, "/v1/approved-apps") == apps
    assert await get(running, "/v1/apps/sum") == apps[1]
    assert [plugin["id"] for plugin in await get(running, "/v2/plugins")] == ["hook", "sum"]


async def test_apps_are_enabled_and_disabled(running: Running) -> None:
    for verb, enabled in (("enable", True), ("disable", False)):
        answer = await running.client.post(f"/v1/apps/{verb}", params={"app_id": "sum"})
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert (await get(running, "/v1/apps/sum"))["enabled"] is enabled


async def test_an_app_that_is_not_set_up_is_not_enabled(running: Running) -> None:
    answer = await running.client.post("/v1/apps/enable", params={"app_id": "hook"})
    assert (answer.status_code, answer.json()) == (400, {"detail": "App setup is not completed"})


async def test_what_is_thought_of_an_app_is_told_without_who_thinks_it(running: Running) -> None:
    assert await get(running, "/v1/apps/popular") == []
    body = {"score": 4, "review": "fine"}
    assert (await running.client.post("/v1/apps/review", params={"app_id": "sum"}, json=body)).status_code == 200
    running.become(BERT)
    changed = await running.client.patch("/v1/apps/sum/review", json={"score": 2.0, "bad": "bad"})
    assert changed.json() == {"status": "ok"}
    reviews = await get(running, "/v1/apps/sum/reviews")
    assert {(review["uid"], review["review"], review["score"]) for review in reviews} == {
        (BERT, "bad", 2.0),
        ("", "fine", 4.0),
    }
    [popular] = await get(running, "/v1/apps/popular")
    assert (popular["id"], popular["rating_avg"], popular["rating_count"]) == ("sum", 3.0, 2)
    assert popular["user_review"]["review"] == "bad"
    assert (await running.client.post("/v1/apps/review", params={"app_id": "sum"}, json={})).status_code == 422


async def test_the_app_of_somebody_else_is_not_found(running: Running) -> None:
    body = {"score": 4.0}
    for method, path, more in (
        ("GET", "/v1/apps/mine", {}),
        ("GET", "/v1/apps/mine/reviews", {}),
        ("PATCH", "/v1/apps/mine/review", {"json": body}),
        ("POST", "/v1/apps/review?app_id=mine", {"json": body}),
        ("POST", "/v1/apps/enable?app_id=mine", {}),
        ("POST", "/v1/apps/disable?app_id=mine", {}),
    ):
        assert (await running.client.request(method, path, **more)).status_code == 404, path  # type: ignore[arg-type]
    running.become(BERT)
    assert (await get(running, "/v1/apps/mine"))["uid"] == BERT
    running.become(ANNA)


async def test_what_apps_are_about_and_can_do_is_told(running: Running) -> None:
    for path in ("/v1/app-categories", "/v1/plugin-categories", "/v1/app-capabilities"):
        choices = await get(running, path)
        assert choices
        assert all(choice.keys() == {"title", "id"} for choice in choices), path
