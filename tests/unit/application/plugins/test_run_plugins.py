import anyio
import pytest

from application.plugins import run_plugins
from application.plugins.run_plugins import PROMPTS_AT_ONCE
from domain.memory import Memory, PluginResult
from domain.plugin import Plugin, Trigger
from ports.errors import TemporarilyUnavailable
from tests.support.memories import a_memory
from tests.support.plugins import ANNA, PluginScene, a_plugin, a_prompt_plugin


async def describe(plugin: Plugin, memory: Memory) -> str:
    return f"{plugin.name} of {memory.id}"


@pytest.fixture
def scene() -> PluginScene:
    return PluginScene()


async def test_each_prompt_plugin_has_its_result_in_order_of_ids(scene: PluginScene) -> None:
    hook = a_plugin("hook", trigger=Trigger.MEMORY_CREATION)
    await scene.enable(a_prompt_plugin("b"), hook, a_prompt_plugin("a"), a_prompt_plugin("gone", deleted=True))
    assert await scene.run_plugins(describe).results(ANNA, a_memory()) == (
        PluginResult(plugin_id=a_plugin("a").id, content="A of memory"),
        PluginResult(plugin_id=a_plugin("b").id, content="B of memory"),
    )


async def test_a_discarded_memory_has_no_results(scene: PluginScene) -> None:
    await scene.enable(a_prompt_plugin())
    assert await scene.run_plugins(describe).results(ANNA, a_memory(discarded=True)) == ()


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("```\nAll well\n```", ["All well"]),
        ("```json\nAll well```", ["All well"]),
        ("  All well\n", ["All well"]),
        ("", []),
        ("none", []),
        ("x" * 20_000, ["x" * 10_000]),
    ],
)
async def test_a_result_is_tidied_and_kept_where_it_says_something(
    scene: PluginScene, answer: str, kept: list[str]
) -> None:
    async def prompt(_plugin: Plugin, _memory: Memory) -> str:
        return answer

    await scene.enable(a_prompt_plugin())
    results = await scene.run_plugins(prompt).results(ANNA, a_memory())
    assert [result.content for result in results] == kept


async def test_a_plugin_that_fails_crashes_or_hangs_is_left_out(
    scene: PluginScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prompt(plugin: Plugin, memory: Memory) -> str:
        match plugin.id:
            case "fails":
                raise TemporarilyUnavailable("no answer")
            case "crashes":
                raise KeyError("secret")
            case "hangs":
                await anyio.sleep_forever()
        return await describe(plugin, memory)

    monkeypatch.setattr(run_plugins, "PROMPT_SECONDS", 0.05)
    await scene.enable(*(a_prompt_plugin(name) for name in ("a", "fails", "crashes", "hangs", "z")))
    with anyio.fail_after(5):
        results = await scene.run_plugins(prompt).results(ANNA, a_memory())
    assert [result.plugin_id for result in results] == ["a", "z"]
    assert {(failure["plugin"], failure["reason"].partition(":")[0]) for failure in scene.failures} == {
        ("fails", "unavailable"),
        ("crashes", "crashed"),
        ("hangs", "too_slow"),
    }
    assert "secret" not in str(scene.failures)


async def test_so_many_prompts_run_at_once_and_no_more(scene: PluginScene) -> None:
    running, most = 0, 0

    async def prompt(_plugin: Plugin, _memory: Memory) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await anyio.lowlevel.checkpoint()
        running -= 1
        return "All well"

    await scene.enable(*(a_prompt_plugin(f"{number}") for number in range(20)))
    assert len(await scene.run_plugins(prompt).results(ANNA, a_memory())) == 20
    assert most == PROMPTS_AT_ONCE


async def test_plugins_elsewhere_are_told_and_their_messages_come_back(scene: PluginScene) -> None:
    await scene.enable(a_plugin("hook", trigger=Trigger.MEMORY_CREATION))
    first, second = await scene.keep(a_memory("first")), await scene.keep(a_memory("second"))
    plugins = scene.run_plugins(describe)
    async with scene.working():
        await plugins.memory_created(ANNA, first)
        assert await plugins.messages(ANNA, second) == ()
    assert [memory.id for _, memory in scene.gateway.memories] == ["first", "second"]
