import anyio
import pytest

from adapters.outbound.clock.manual import settle
from domain.chat import Sender
from domain.ids import MemoryId, UserId
from domain.plugin import PluginReply, Trigger
from ports.errors import NotFound, Rejected, TemporarilyUnavailable
from ports.plugin_gateway import PluginCall
from tests.support.memories import a_memory
from tests.support.plugins import ANNA, PluginScene, a_plugin, a_prompt_plugin

ECHO = a_plugin("echo", trigger=Trigger.MEMORY_CREATION)
TOLD = a_plugin("told", trigger=Trigger.MEMORY_CREATION)
RETRIES = (5, 60, 600, 3_600)


async def speak(call: PluginCall) -> PluginReply:
    return PluginReply(message=f"{call.plugin} has it")


async def fail(_call: PluginCall) -> PluginReply:
    raise TemporarilyUnavailable("the plugin failed (500)")


async def refuse(_call: PluginCall) -> PluginReply:
    raise Rejected("the plugin refused (403)")


@pytest.fixture
def scene() -> PluginScene:
    return PluginScene()


async def test_each_plugin_that_wants_to_be_is_told_of_a_memory(scene: PluginScene) -> None:
    others = (a_prompt_plugin(), a_plugin("live", trigger=Trigger.TRANSCRIPT_PROCESSED))
    gone = a_plugin("gone", trigger=Trigger.MEMORY_CREATION, deleted=True)
    await scene.enable(TOLD, ECHO, gone, *others)
    memory = await scene.keep(a_memory())
    async with scene.working():
        await scene.deliveries.hand_in(ANNA, memory)
        await settle()
    assert {(call.plugin, told.id) for call, told in scene.gateway.memories} == {("echo", "memory"), ("told", "memory")}


async def test_what_plugins_say_is_in_the_chat_and_comes_back(scene: PluginScene) -> None:
    scene.gateway.answer = speak
    await scene.enable(ECHO, TOLD)
    memory = await scene.keep(a_memory())
    async with scene.working():
        messages = await scene.deliveries.told(ANNA, memory, patience=5)
    assert [message.text for message in messages] == ["echo has it", "told has it"]
    stored = await scene.chat.recent(ANNA)
    assert {message.id for message in stored} == {message.id for message in messages}
    first = messages[0]
    assert (first.sender, first.plugin_id, first.from_integration) == (Sender.AI, "echo", True)
    assert first.memory_ids == ("memory",)


async def test_a_memory_that_is_handed_in_twice_is_told_once_and_the_answer_comes_back(scene: PluginScene) -> None:
    scene.gateway.answer = speak
    await scene.enable(ECHO)
    memory = await scene.keep(a_memory())
    async with scene.working():
        assert len(await scene.deliveries.hand_in(ANNA, memory)) == 1
        await settle()
        assert await scene.deliveries.hand_in(ANNA, memory) == ()
        [message] = await scene.deliveries.told(ANNA, memory, patience=5)
    assert message.text == "echo has it"
    assert len(scene.gateway.memories) == 1


async def test_nobody_is_told_of_a_discarded_memory(scene: PluginScene) -> None:
    await scene.enable(ECHO)
    assert await scene.deliveries.hand_in(ANNA, a_memory(discarded=True)) == ()
    assert await scene.deliveries.told(ANNA, a_memory(discarded=True), patience=5) == ()


async def test_what_changed_before_the_delivery_counts(scene: PluginScene) -> None:
    await scene.enable(ECHO, TOLD)
    deleted, discarded = await scene.keep(a_memory("deleted")), await scene.keep(a_memory("discarded"))
    for memory in (deleted, discarded):
        await scene.deliveries.hand_in(ANNA, memory)
    await scene.memories.delete(ANNA, MemoryId("deleted"))
    await scene.keep(a_memory("discarded", discarded=True))
    kept = await scene.keep(a_memory("kept"))
    await scene.deliveries.hand_in(ANNA, kept)
    await scene.enabled.remove(ANNA, TOLD.id)
    async with scene.working():
        await settle()
    assert [(call.plugin, memory.id) for call, memory in scene.gateway.memories] == [("echo", "kept")]
    assert await scene.queue.dead_letters() == ()


async def test_a_plugin_that_fails_is_tried_again_and_then_given_up(scene: PluginScene) -> None:
    scene.gateway.answer = fail
    await scene.enable(ECHO)
    memory = await scene.keep(a_memory())
    async with scene.working():
        assert await scene.deliveries.told(ANNA, memory, patience=5) == ()
        await settle()
        for attempts, pause in enumerate(RETRIES, start=1):
            assert len(scene.gateway.memories) == attempts
            await scene.clock.advance(pause - 1)
            assert len(scene.gateway.memories) == attempts
            await scene.clock.advance(1)
        assert len({call.id for call, _ in scene.gateway.memories}) == 1
        assert len(scene.gateway.memories) == 5
    (failed,) = await scene.failed.list(ANNA)
    assert (failed.plugin_id, failed.memory_id, failed.attempts) == ("echo", "memory", 5)
    assert "the plugin failed (500)" in failed.reason


async def test_a_plugin_that_refuses_is_not_asked_again(scene: PluginScene) -> None:
    scene.gateway.answer = refuse
    await scene.enable(ECHO)
    memory = await scene.keep(a_memory())
    async with scene.working():
        await scene.deliveries.told(ANNA, memory, patience=5)
        await scene.clock.advance(700)
    assert len(scene.gateway.memories) == 1
    assert len(await scene.failed.list(ANNA)) == 1


async def test_the_user_can_send_again_what_was_given_up(scene: PluginScene) -> None:
    scene.gateway.answer = refuse
    await scene.enable(ECHO)
    memory = await scene.keep(a_memory())
    async with scene.working():
        await scene.deliveries.told(ANNA, memory, patience=5)
        await settle()
        (failed,) = await scene.failed.list(ANNA)
        scene.gateway.answer = speak
        await scene.failed.resend(ANNA, failed.id)
        await settle()
    assert await scene.failed.list(ANNA) == ()
    assert [message.text for message in await scene.chat.recent(ANNA)] == ["echo has it"]


async def test_nobody_sees_or_sends_what_is_somebody_elses(scene: PluginScene) -> None:
    scene.gateway.answer = refuse
    await scene.enable(ECHO)
    async with scene.working():
        await scene.deliveries.told(ANNA, await scene.keep(a_memory()), patience=5)
        await settle()
    (failed,) = await scene.failed.list(ANNA)
    assert await scene.failed.list(UserId("bert")) == ()
    with pytest.raises(NotFound):
        await scene.failed.resend(UserId("bert"), failed.id)
    with pytest.raises(NotFound):
        await scene.failed.resend(ANNA, "unknown")


async def test_a_plugin_that_fails_or_crashes_disturbs_no_other(scene: PluginScene) -> None:
    class Crash(Exception):
        pass

    async def answer(call: PluginCall) -> PluginReply:
        if call.plugin == "crash":
            raise Crash
        return await (fail if call.plugin == "fail" else speak)(call)

    scene.gateway.answer = answer
    await scene.enable(*(a_plugin(name, trigger=Trigger.MEMORY_CREATION) for name in ("crash", "echo", "fail", "told")))
    async with scene.working():
        messages = await scene.deliveries.told(ANNA, await scene.keep(a_memory()), patience=5)
    assert [message.text for message in messages] == ["echo has it", "told has it"]


async def test_a_message_that_could_not_be_stored_is_stored_later_and_the_plugin_told_once(
    scene: PluginScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.gateway.answer = speak
    await scene.enable(ECHO)
    append = scene.chat.append

    async def away(*_: object) -> None:
        raise TemporarilyUnavailable("the chat is away")

    monkeypatch.setattr(scene.chat, "append", away)
    async with scene.working():
        await scene.deliveries.told(ANNA, await scene.keep(a_memory()), patience=5)
        monkeypatch.setattr(scene.chat, "append", append)
        await scene.clock.advance(10)
    assert len(await scene.chat.recent(ANNA)) == 1
    assert len(scene.gateway.memories) == 1


async def test_who_waits_for_messages_waits_no_longer_than_they_want(scene: PluginScene) -> None:
    await scene.enable(ECHO)
    memory = await scene.keep(a_memory())
    with anyio.fail_after(5):
        assert await scene.deliveries.told(ANNA, memory, patience=0.01) == ()
    assert len(await scene.queue.dead_letters()) == 0


async def test_a_deleted_memory_leaves_no_trace_in_the_queue(scene: PluginScene) -> None:
    scene.gateway.answer = refuse
    await scene.enable(ECHO)
    memory = await scene.keep(a_memory())
    async with scene.working():
        await scene.deliveries.told(ANNA, memory, patience=5)
        await settle()
    await scene.deliveries.forget(ANNA, memory.id, await scene.catalog.plugins())
    assert await scene.queue.dead_letters() == ()
