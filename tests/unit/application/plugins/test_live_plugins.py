import anyio
import pytest

from adapters.outbound.clock.manual import settle
from application.plugins.live_hooks import LOOK_AGAIN
from application.plugins.live_plugins import MOST_SEGMENTS
from domain.ids import UserId
from domain.plugin import Capability, Plugin, PluginReply, ProactiveNotification, Trigger
from domain.transcript import TranscriptSegment
from ports.errors import TemporarilyUnavailable
from ports.plugin_gateway import PluginCall
from tests.support.memories import a_segment
from tests.support.plugins import ANNA, PluginScene, a_plugin

LIVE = a_plugin("live", trigger=Trigger.TRANSCRIPT_PROCESSED)


def spoken(*texts: str) -> list[TranscriptSegment]:
    return [a_segment(text, at=number) for number, text in enumerate(texts)]


def heard(scene: PluginScene, plugin: str = "live") -> list[tuple[str, list[str]]]:
    return [
        (session, [segment.text for segment in segments])
        for call, session, segments in scene.gateway.transcripts
        if call.plugin == plugin
    ]


@pytest.fixture
def scene() -> PluginScene:
    return PluginScene()


async def test_words_of_a_second_go_out_together_and_in_order(scene: PluginScene) -> None:
    await scene.enable(LIVE)
    async with scene.working():
        for text in ("one", "two", "three"):
            scene.live.offer(ANNA, "talk", spoken(text))
            await scene.clock.advance(0.25)
        assert heard(scene) == []
        await scene.clock.advance(0.25)
        scene.live.offer(ANNA, "talk", spoken("four"))
        await scene.clock.advance(1)
    assert heard(scene) == [("talk", ["one", "two", "three"]), ("talk", ["four"])]


async def test_sessions_do_not_mix(scene: PluginScene) -> None:
    bert = UserId("bert")
    await scene.enable(LIVE)
    await scene.enabled.add(bert, LIVE.id)
    async with scene.working():
        scene.live.offer(ANNA, "a", spoken("one"))
        scene.live.offer(bert, "a", spoken("two"))
        scene.live.offer(ANNA, "b", spoken("three"))
        await scene.clock.advance(1)
    calls = {(call.user, session, segments[0].text) for call, session, segments in scene.gateway.transcripts}
    assert calls == {("anna", "a", "one"), ("bert", "a", "two"), ("anna", "b", "three")}


async def test_a_user_without_plugins_costs_no_call_and_leaves_nothing(scene: PluginScene) -> None:
    scene.catalog.content = (LIVE,)
    async with scene.working():
        scene.live.offer(ANNA, "talk", spoken("one"))
        await settle()
        for _ in range(100):
            scene.live.offer(ANNA, "talk", spoken("two"))
        assert not any(scene.live.words._inboxes.values())
        await scene.clock.advance(LOOK_AGAIN)
        assert (scene.gateway.transcripts, scene.live.words.dropped) == ([], 0)
        assert not scene.live.words._inboxes
        assert not scene.live.words._queues


async def test_a_plugin_that_is_enabled_meanwhile_is_told_before_long(scene: PluginScene) -> None:
    async with scene.working():
        scene.live.offer(ANNA, "talk", spoken("one"))
        await scene.clock.advance(2)
        await scene.enable(LIVE)
        await scene.clock.advance(LOOK_AGAIN)
        scene.live.offer(ANNA, "talk", spoken("two"))
        await scene.clock.advance(2)
    assert heard(scene) == [("talk", ["two"])]


async def test_a_session_that_goes_on_after_a_pause_is_heard_again(scene: PluginScene) -> None:
    await scene.enable(LIVE)
    async with scene.working():
        for text in ("one", "two"):
            scene.live.offer(ANNA, "talk", spoken(text))
            await scene.clock.advance(60)
    assert heard(scene) == [("talk", ["one"]), ("talk", ["two"])]


async def test_a_plugin_that_hangs_delays_no_other_and_misses_the_oldest(scene: PluginScene) -> None:
    let_go = anyio.Event()

    async def answer(call: PluginCall) -> PluginReply:
        if call.plugin == "live":
            await let_go.wait()
        return PluginReply()

    scene.gateway.answer = answer
    await scene.enable(LIVE, a_plugin("quick", trigger=Trigger.TRANSCRIPT_PROCESSED))
    async with scene.working():
        for number in range(MOST_SEGMENTS + 50):
            scene.live.offer(ANNA, "talk", spoken(f"{number}"))
            await scene.clock.advance(1)
        assert len(heard(scene, "quick")) == MOST_SEGMENTS + 50
        assert heard(scene) == [("talk", ["0"])]
        let_go.set()
        await settle()
    assert heard(scene)[1] == ("talk", [f"{number}" for number in range(50, MOST_SEGMENTS + 50)])
    assert scene.live.words.dropped == 49


async def test_offering_never_waits_and_never_raises_while_nobody_runs(scene: PluginScene) -> None:
    for number in range(1_000):
        scene.live.offer(ANNA, "talk", spoken(f"{number}"))
    assert scene.live.words.dropped == 1_000 - MOST_SEGMENTS


@pytest.mark.parametrize("error", [TemporarilyUnavailable("the plugin failed (500)"), KeyError("secret")])
async def test_a_plugin_that_fails_is_reported_and_goes_on(scene: PluginScene, error: Exception) -> None:
    async def answer(_: PluginCall) -> PluginReply:
        raise error

    scene.gateway.answer = answer
    await scene.enable(LIVE)
    async with scene.working():
        for text in ("one", "two"):
            scene.live.offer(ANNA, "talk", spoken(text))
            await scene.clock.advance(2)
    assert heard(scene) == [("talk", ["one"]), ("talk", ["two"])]
    assert [(failure["plugin"], failure["occasion"]) for failure in scene.failures] == [
        ("live", "transcript_processed")
    ] * 2
    assert "secret" not in str(scene.failures)


async def test_a_plugin_that_keeps_failing_is_left_alone_and_reported_no_more(scene: PluginScene) -> None:
    async def answer(_: PluginCall) -> PluginReply:
        raise TemporarilyUnavailable("the plugin failed (500)")

    scene.gateway.answer = answer
    await scene.enable(LIVE)
    async with scene.working():
        for _ in range(20):
            scene.live.offer(ANNA, "talk", spoken("again"))
            await scene.clock.advance(2)
    assert len(heard(scene)) == len(scene.failures) == 5


async def test_a_message_reaches_the_user_at_once_and_stays_in_the_chat(scene: PluginScene) -> None:
    async def answer(_: PluginCall) -> PluginReply:
        return PluginReply(message="Mind the time")

    scene.gateway.answer = answer
    await scene.enable(LIVE)
    async with scene.working():
        scene.live.offer(ANNA, "talk", spoken("one"))
        await scene.clock.advance(1)
    (message,) = await scene.chat.recent(ANNA)
    ((user, notification),) = scene.notifier.sent
    assert (user, notification.title, notification.body) == ("anna", "Live says", "Mind the time")
    assert notification.data["text"] == message.text == "Mind the time"
    assert all(isinstance(value, str) for value in notification.data.values())


async def test_a_message_of_five_characters_disturbs_nobody(scene: PluginScene) -> None:
    async def answer(_: PluginCall) -> PluginReply:
        return PluginReply(message="hello")

    scene.gateway.answer = answer
    await scene.enable(LIVE)
    async with scene.working():
        scene.live.offer(ANNA, "talk", spoken("one"))
        await scene.clock.advance(1)
    assert await scene.chat.recent(ANNA) == ()
    assert scene.notifier.sent == []


async def test_a_plugin_may_have_a_notification_worded_every_half_minute() -> None:
    async def word(plugin: Plugin, _user: UserId, wanted: ProactiveNotification) -> str:
        return f"{plugin.name}: {wanted.prompt}"

    async def answer(_: PluginCall) -> PluginReply:
        return PluginReply(notification=ProactiveNotification(prompt="Cheer up"))

    scene = PluginScene(proactive=word)
    scene.gateway.answer = answer
    may = frozenset({Capability.EXTERNAL_INTEGRATION, Capability.PROACTIVE_NOTIFICATION})
    await scene.enable(LIVE, a_plugin("proactive", trigger=Trigger.TRANSCRIPT_PROCESSED, capabilities=may))
    async with scene.working():
        for _ in range(40):
            scene.live.offer(ANNA, "talk", spoken("one"))
            await scene.clock.advance(1)
    assert [notification.body for _, notification in scene.notifier.sent] == ["Proactive: Cheer up"] * 2


async def test_audio_goes_out_every_few_seconds_without_a_gap(scene: PluginScene) -> None:
    await scene.enable(a_plugin("ear", trigger=Trigger.AUDIO_BYTES))
    packets = [bytes([number, 0]) * 320 for number in range(200)]
    async with scene.working():
        for packet in packets:
            scene.live.offer_audio(ANNA, "talk", packet)
            await scene.clock.advance(0.1)
        await scene.clock.advance(10)
    pieces = [pcm for _, pcm, _ in scene.gateway.audio]
    assert b"".join(pieces) == b"".join(packets)
    assert 4 <= len(pieces) <= 5
    assert {rate for _, _, rate in scene.gateway.audio} == {16_000}
    assert scene.gateway.transcripts == []
