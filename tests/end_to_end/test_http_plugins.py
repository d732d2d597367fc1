from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from adapters.inbound.http.application import provided
from adapters.inbound.http.plugins import PluginsController
from adapters.outbound.clock.manual import settle
from domain.ids import UserId
from domain.plugin import PluginReply, Trigger
from ports.errors import Rejected
from ports.plugin_gateway import PluginCall
from tests.support.http_app import ANNA, BERT, Backend
from tests.support.memories import a_memory
from tests.support.plugins import PluginScene, a_plugin, a_prompt_plugin

HOOK = a_plugin("hook", trigger=Trigger.MEMORY_CREATION, setup="https://hook.example/setup")


@asynccontextmanager
async def visiting(scene: PluginScene, user: UserId | None = ANNA) -> AsyncIterator[AsyncTestClient[Litestar]]:
    more: dict[str, Any] = {
        "handlers": [PluginsController],
        "dependencies": {"plugins": provided(scene.manage), "deliveries": provided(scene.failed)},
    }
    async with Backend().client(user, **more) as client:
        yield client


@pytest.fixture
def scene() -> PluginScene:
    scene = PluginScene()
    scene.catalog.content = (HOOK, a_prompt_plugin("sum", description="Sums up ü", image="/i.png"))
    return scene


@pytest.fixture
async def client(scene: PluginScene) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with visiting(scene) as client:
        yield client


@pytest.mark.parametrize("path", ["/v2/plugins", "/v1/plugins?uid=bert", "/plugins?uid=bert"])
async def test_plugins_are_listed_for_whoever_the_token_is_of(
    scene: PluginScene, client: AsyncTestClient[Litestar], path: str
) -> None:
    await scene.enabled.add(ANNA, HOOK.id)
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    hook, sum_ = answer.json()
    assert (hook["enabled"], sum_["enabled"]) == (True, False)
    assert hook["external_integration"] == {
        "triggers_on": "memory_creation",
        "webhook_url": "https://hook.example/hook",
        "setup_completed_url": "https://hook.example/setup",
        "setup_instructions_file_path": "",
        "auth_steps": [],
        "app_home_url": None,
        "actions": [],
    }
    assert (sum_["capabilities"], sum_["memory_prompt"], sum_["chat_prompt"]) == (["memories"], "Sum up", None)
    assert (sum_["reviews"], sum_["user_review"], sum_["rating_avg"], sum_["rating_count"]) == ([], None, None, 0)
    assert (sum_["description"], sum_["deleted"], sum_["external_integration"]) == ("Sums up ü", False, None)


@pytest.mark.parametrize("path", ["/v2/plugins", "/v1/plugins?uid=anna", "/plugins?uid=anna"])
async def test_nobody_sees_plugins_without_a_token(scene: PluginScene, path: str) -> None:
    async with visiting(scene, None) as client:
        assert (await client.get(path)).status_code == 401


async def test_a_plugin_is_enabled_and_disabled(scene: PluginScene, client: AsyncTestClient[Litestar]) -> None:
    answer = await client.post("/v1/plugins/enable?plugin_id=sum")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert await scene.enabled.ids(ANNA) == {"sum"}
    answer = await client.post("/v1/plugins/disable?plugin_id=sum")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert await scene.enabled.ids(ANNA) == frozenset()


@pytest.mark.parametrize("action", ["enable", "disable", "review"])
async def test_a_plugin_that_is_not_there_is_404_and_none_is_422(
    client: AsyncTestClient[Litestar], action: str
) -> None:
    body = {"score": 4.0} if action == "review" else None
    for name in ("unknown", "null"):
        assert (await client.post(f"/v1/plugins/{action}?plugin_id={name}", json=body)).status_code == 404
    answer = await client.post(f"/v1/plugins/{action}", json=body)
    assert answer.status_code == 422
    assert "plugin_id" in answer.json()["detail"]


async def test_a_plugin_that_is_not_set_up_is_400(scene: PluginScene, client: AsyncTestClient[Litestar]) -> None:
    answer = await client.post("/v1/plugins/enable?plugin_id=hook")
    assert (answer.status_code, answer.json()) == (400, {"detail": "App setup is not completed"})
    scene.gateway.set_up = {HOOK.id}
    assert (await client.post("/v1/plugins/enable?plugin_id=hook")).status_code == 200


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"score": 4.0, "Great, really": "Great, really"}, "Great, really"),
        ({"score": 4, "review": "Fine"}, "Fine"),
        ({"score": 4.0, "": ""}, ""),
        ({"score": 4.0}, ""),
        ({"score": 4.0, "other": {"deep": 1}, "review": None}, ""),
    ],
)
async def test_a_review_is_taken_as_the_apps_send_it(
    client: AsyncTestClient[Litestar], body: dict[str, object], text: str
) -> None:
    answer = await client.post("/v1/plugins/review?plugin_id=sum", json=body)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    listed = (await client.get("/v2/plugins")).json()
    own = next(plugin for plugin in listed if plugin["id"] == "sum")
    assert (own["user_review"]["score"], own["user_review"]["review"]) == (4.0, text)
    assert own["user_review"]["rated_at"] == "2026-01-01T12:00:00Z"
    assert (own["rating_avg"], own["rating_count"]) == (4.0, 1)
    assert b'"rating_avg":4.0' in (await client.get("/v2/plugins")).content


@pytest.mark.parametrize("body", [{}, {"score": None}, {"score": "4"}, {"score": True}, {"review": "no score"}])
async def test_a_review_without_a_score_is_422(client: AsyncTestClient[Litestar], body: dict[str, object]) -> None:
    answer = await client.post("/v1/plugins/review?plugin_id=sum", json=body)
    assert (answer.status_code, answer.json()) == (422, {"detail": "Score is required"})


@pytest.mark.parametrize(("content", "status"), [(b'{"score": NaN}', 422), (b'{"score": 9}', 400), (b"[]", 422)])
async def test_a_score_that_is_none_is_refused(client: AsyncTestClient[Litestar], content: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/v1/plugins/review?plugin_id=sum", content=content, headers=headers)
    assert answer.status_code == status


async def test_a_signing_secret_is_the_callers_own(scene: PluginScene, client: AsyncTestClient[Litestar]) -> None:
    mine = (await client.get("/v1/plugins/hook/signing-secret")).json()["secret"]
    async with visiting(scene, BERT) as other:
        theirs = (await other.get("/v1/plugins/hook/signing-secret")).json()["secret"]
    assert mine.startswith("whsec_")
    assert mine != theirs
    assert (await client.get("/v1/plugins/unknown/signing-secret")).status_code == 404


async def test_what_did_not_reach_a_plugin_is_seen_and_sent_again(
    scene: PluginScene, client: AsyncTestClient[Litestar]
) -> None:
    async def refuse(_: PluginCall) -> PluginReply:
        raise Rejected("the plugin refused (403)")

    async def speak(_: PluginCall) -> PluginReply:
        return PluginReply(message="Got it")

    scene.gateway.answer = refuse
    await scene.enabled.add(ANNA, HOOK.id)
    async with scene.working():
        await scene.deliveries.told(ANNA, await scene.keep(a_memory()), patience=5)
        await settle()
        (letter,) = (await client.get("/v1/plugins/deliveries")).json()
        assert (letter["plugin_id"], letter["memory_id"], letter["attempts"]) == ("hook", "memory", 1)
        assert letter["reason"] == "refused: the plugin refused (403)"
        async with visiting(scene, BERT) as other:
            assert (await other.get("/v1/plugins/deliveries")).json() == []
            assert (await other.post(f"/v1/plugins/deliveries/{letter['id']}/resend")).status_code == 404
        scene.gateway.answer = speak
        answer = await client.post(f"/v1/plugins/deliveries/{letter['id']}/resend")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        await settle()
    assert [message.text for message in await scene.chat.recent(ANNA)] == ["Got it"]
    assert (await client.get("/v1/plugins/deliveries")).json() == []
