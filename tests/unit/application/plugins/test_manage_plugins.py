import math

import anyio
import pytest

from adapters.outbound.clock.system import SystemClock
from domain.errors import InvalidRequest
from domain.ids import PluginId, UserId
from domain.plugin import PluginReply, Trigger
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from ports.plugin_gateway import PluginCall
from tests.support.plugins import ANNA, PluginScene, a_plugin

BERT = UserId("bert")
ECHO = PluginId("echo")


@pytest.fixture
def scene() -> PluginScene:
    scene = PluginScene()
    scene.catalog.content = (a_plugin("other"), a_plugin("echo"), a_plugin("gone", deleted=True))
    return scene


async def test_a_plugin_is_enabled_and_disabled_for_one_user(scene: PluginScene) -> None:
    await scene.manage.enable(ANNA, ECHO)
    assert [entry.plugin.id for entry in await scene.manage.list(ANNA) if entry.is_enabled] == ["echo"]
    assert not any(entry.is_enabled for entry in await scene.manage.list(BERT))
    await scene.manage.disable(ANNA, ECHO)
    assert not any(entry.is_enabled for entry in await scene.manage.list(ANNA))


async def test_the_set_lies_where_the_original_has_it(scene: PluginScene) -> None:
    await scene.manage.enable(ANNA, ECHO)
    assert await scene.store.members("users:anna:enabled_plugins") == {"echo"}


@pytest.mark.parametrize("name", ["unknown", "gone", ""])
async def test_a_plugin_that_is_not_there_is_not_found(scene: PluginScene, name: str) -> None:
    for action in (scene.manage.enable, scene.manage.disable, scene.manage.signing_secret):
        with pytest.raises(NotFound):
            await action(ANNA, PluginId(name))
    with pytest.raises(NotFound):
        await scene.manage.review(ANNA, PluginId(name), score=5, text="")


async def test_a_plugin_that_has_gone_can_be_disabled(scene: PluginScene) -> None:
    await scene.enabled.add(ANNA, PluginId("gone"))
    await scene.manage.disable(ANNA, PluginId("gone"))
    assert await scene.enabled.ids(ANNA) == frozenset()


async def test_a_private_plugin_is_there_for_its_owner_alone(scene: PluginScene) -> None:
    scene.catalog.content = (a_plugin("mine", private=True, owner=ANNA),)
    await scene.manage.enable(ANNA, PluginId("mine"))
    assert await scene.manage.list(BERT) == ()
    with pytest.raises(NotFound):
        await scene.manage.enable(BERT, PluginId("mine"))


async def test_a_plugin_that_is_not_set_up_is_not_enabled(scene: PluginScene) -> None:
    scene.catalog.content = (a_plugin("echo", trigger=Trigger.MEMORY_CREATION, setup="https://echo.example/setup"),)
    with pytest.raises(InvalidRequest, match="App setup is not completed"):
        await scene.manage.enable(ANNA, ECHO)
    scene.gateway.set_up = {ECHO}
    await scene.manage.enable(ANNA, ECHO)
    assert await scene.enabled.ids(ANNA) == {"echo"}


@pytest.mark.parametrize("error", [Rejected("inside"), TemporarilyUnavailable("away")])
async def test_a_plugin_that_does_not_tell_whether_it_is_set_up_is_not_enabled(
    scene: PluginScene, error: Exception
) -> None:
    async def answer(_: PluginCall) -> PluginReply:
        raise error

    scene.gateway.answer = answer
    scene.catalog.content = (a_plugin("echo", trigger=Trigger.MEMORY_CREATION, setup="https://echo.example/setup"),)
    with pytest.raises(InvalidRequest):
        await scene.manage.enable(ANNA, ECHO)


async def test_plugins_come_best_rated_first(scene: PluginScene) -> None:
    scene.catalog.content = tuple(a_plugin(name) for name in ("bad", "unrated", "alike", "good"))
    for user in (ANNA, BERT):
        await scene.manage.review(user, PluginId("bad"), score=1, text="")
        await scene.manage.review(user, PluginId("good"), score=5, text="")
    listed = await scene.manage.list(ANNA)
    assert [entry.plugin.id for entry in listed] == ["good", "unrated", "alike", "bad"]
    assert (listed[0].rating.average, listed[0].rating.count) == (5.0, 2)
    assert (listed[1].rating.average, listed[1].rating.count) == (None, 0)


async def test_a_second_review_replaces_the_first(scene: PluginScene) -> None:
    await scene.manage.review(ANNA, ECHO, score=1, text="Meh")
    await scene.manage.review(ANNA, ECHO, score=4.5, text="Better now")
    entry = next(entry for entry in await scene.manage.list(ANNA) if entry.plugin.id == "echo")
    assert (entry.rating.average, entry.rating.count) == (4.5, 1)
    assert entry.own_review is not None
    assert (entry.own_review.text, entry.own_review.rated_at) == ("Better now", scene.clock.now())


async def test_reviews_of_the_original_count_and_stay(scene: PluginScene) -> None:
    await scene.store.put("plugins:echo:reviews", b"{'bert': {'score': 2.0, 'review': 'Hm', 'uid': 'bert'}}")
    await scene.manage.review(ANNA, ECHO, score=4, text="")
    entry = next(entry for entry in await scene.manage.list(BERT) if entry.plugin.id == "echo")
    assert (entry.rating.average, entry.rating.count) == (3.0, 2)
    assert entry.own_review is not None
    assert entry.own_review.text == "Hm"


@pytest.mark.parametrize("score", [math.nan, math.inf, -1, 5.1])
async def test_a_score_that_is_none_is_refused(scene: PluginScene, score: float) -> None:
    with pytest.raises(InvalidRequest):
        await scene.manage.review(ANNA, ECHO, score=score, text="")
    with pytest.raises(InvalidRequest):
        await scene.manage.review(ANNA, ECHO, score=3, text="x" * 5_001)
    assert await scene.store.get("plugins:echo:reviews") is None


async def test_many_who_review_at_once_are_all_heard() -> None:
    scene = PluginScene(clock=SystemClock())
    scene.catalog.content = (a_plugin("echo"),)
    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            for number in range(20):
                user = UserId(f"{number}")
                tasks.start_soon(lambda user=user: scene.manage.review(user, ECHO, score=5, text=""))
    (entry,) = await scene.manage.list(ANNA)
    assert entry.rating.count == 20


async def test_a_process_that_crashed_while_it_wrote_reviews_blocks_nobody_for_long(scene: PluginScene) -> None:
    await scene.store.put_if_absent("plugins:echo:reviews:lock", b"crashed", lifetime=None)
    reviewed = anyio.Event()

    async def review() -> None:
        with pytest.raises(TemporarilyUnavailable):
            await scene.manage.review(ANNA, ECHO, score=5, text="")
        reviewed.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(review)
        for _ in range(1_100):
            await scene.clock.advance(0.01)
    assert reviewed.is_set()


async def test_plugins_are_listed_while_reviews_cannot_be_read(
    scene: PluginScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: str) -> bytes | None:
        raise TemporarilyUnavailable("away")

    monkeypatch.setattr(scene.store, "get", away)
    assert len(await scene.manage.list(ANNA)) == 2
