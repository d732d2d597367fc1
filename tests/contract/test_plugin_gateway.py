"""What every way to plugins does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from msgspec import Struct

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.plugin_gateway.fake import FakePluginGateway
from adapters.outbound.plugin_gateway.http import HttpPluginGateway, HttpPluginGatewaySettings
from domain.chat import Message, Sender
from domain.ids import PluginId, UserId
from domain.plugin import PluginReply, ProactiveNotification
from ports.errors import Rejected, TemporarilyUnavailable
from ports.plugin_gateway import PluginCall, PluginGateway
from tests.contract.harness import Harness, over
from tests.support.memories import HOSTILE, NOON, a_memory, a_segment
from tests.support.plugin_server import PluginServer, closes_at_once, plugin_server, says

ANNA, ECHO = UserId("anna"), PluginId("echo")
Prepare = Callable[[str], None]


class Reached(Struct, frozen=True, kw_only=True):
    """A gateway, a plugin behind it, and a way to make that plugin answer well, refuse, fail, or be set up."""

    gateway: PluginGateway
    address: str
    behave: Prepare
    told: Callable[[], int]

    def call(self, **more: str) -> PluginCall:
        return PluginCall(plugin=ECHO, user=ANNA, address=self.address, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def http(folder: Path) -> AsyncIterator[Reached]:
    async with plugin_server() as server:
        settings = HttpPluginGatewaySettings(allowed=server.place)
        async with HttpPluginGateway(settings, data_dir=folder, clock=ManualClock()) as gateway:
            yield Reached(
                gateway=gateway,
                address=server.url(),
                behave=lambda how: _behave(server, how),
                told=lambda: len(server.received),
            )


def _behave(server: PluginServer, how: str) -> None:
    server.answers["/hook"] = {
        "message": says({"message": " Well done "}),
        "notification": says({"notification": {"prompt": "Cheer", "params": ["user_name"]}}),
        "refuse": says({"message": "no"}, status=403),
        "fail": says({"message": "no"}, status=500),
        "vanish": closes_at_once,
        "set up": says({"is_setup_completed": True}),
    }[how]


@asynccontextmanager
async def fake(_: Path) -> AsyncIterator[Reached]:
    gateway = FakePluginGateway()

    def behave(how: str) -> None:
        gateway.answer = _answers(how)
        gateway.set_up = {ECHO} if how == "set up" else set()

    yield Reached(
        gateway=gateway,
        address="https://plugin.example/hook",
        behave=behave,
        told=lambda: len(gateway.memories) + len(gateway.transcripts) + len(gateway.audio) + len(gateway.days),
    )


def _answers(how: str) -> Callable[[PluginCall], Awaitable[PluginReply]]:
    replies: dict[str, PluginReply | Exception] = {
        "message": PluginReply(message="Well done"),
        "notification": PluginReply(notification=ProactiveNotification(prompt="Cheer", params=("user_name",))),
        "refuse": Rejected("refused"),
        "fail": TemporarilyUnavailable("failed"),
        "vanish": TemporarilyUnavailable("vanished"),
    }

    async def answer(_: PluginCall) -> PluginReply:
        reply = replies.get(how, PluginReply())
        if isinstance(reply, Exception):
            raise reply
        return reply

    return answer


HARNESSES: dict[str, Harness[Reached]] = {"http": http, "fake": fake}


@pytest.fixture(params=over("plugin_gateway", HARNESSES))
async def reached(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reached]:
    with anyio.fail_after(15):
        async with request.param(tmp_path) as ready:
            yield ready


async def test_what_a_plugin_says_to_a_memory_comes_back(reached: Reached) -> None:
    reached.behave("message")
    assert await reached.gateway.tell_memory(reached.call(), a_memory()) == PluginReply(message="Well done")


async def test_what_a_plugin_says_to_live_speech_comes_back(reached: Reached) -> None:
    reached.behave("notification")
    reply = await reached.gateway.tell_transcript(reached.call(), [a_segment()], session="talk")
    assert reply.notification == ProactiveNotification(prompt="Cheer", params=("user_name",))


async def test_a_plugin_that_says_nothing_says_nothing(reached: Reached) -> None:
    assert await reached.gateway.tell_memory(reached.call(), a_memory()) == PluginReply()


async def test_audio_is_handed_on(reached: Reached) -> None:
    await reached.gateway.tell_audio(reached.call(), b"\1\2" * 800, sample_rate=16_000)
    assert reached.told() == 1


async def test_a_day_is_told(reached: Reached) -> None:
    await reached.gateway.tell_day(reached.call(), Message(id="day", text="A day", created_at=NOON, sender=Sender.AI))
    assert reached.told() == 1


async def test_a_plugin_tells_whether_it_is_set_up(reached: Reached) -> None:
    assert not await reached.gateway.is_set_up(reached.call())
    reached.behave("set up")
    assert await reached.gateway.is_set_up(reached.call())


@pytest.mark.parametrize(
    ("how", "error"), [("refuse", Rejected), ("fail", TemporarilyUnavailable), ("vanish", TemporarilyUnavailable)]
)
async def test_a_plugin_that_does_not_do_its_part_is_an_error(
    reached: Reached, how: str, error: type[Exception]
) -> None:
    reached.behave(how)
    with pytest.raises(error):
        await reached.gateway.tell_memory(reached.call(), a_memory())
    with pytest.raises(error):
        await reached.gateway.tell_transcript(reached.call(), [a_segment()], session="talk")
    with pytest.raises(error):
        await reached.gateway.tell_audio(reached.call(), b"", sample_rate=16_000)
    with pytest.raises(error):
        await reached.gateway.is_set_up(reached.call())


async def test_many_calls_at_once_do_not_disturb_each_other(reached: Reached) -> None:
    reached.behave("message")
    replies: list[PluginReply] = []

    async def tell(number: int) -> None:
        replies.append(await reached.gateway.tell_memory(reached.call(id=f"{number}"), a_memory(f"{number}")))

    async with anyio.create_task_group() as tasks:
        for number in range(40):
            tasks.start_soon(tell, number)
    assert replies == [PluginReply(message="Well done")] * 40


async def test_a_call_that_is_given_up_leaves_the_next_one_alone(reached: Reached) -> None:
    with anyio.move_on_after(0):
        await reached.gateway.tell_memory(reached.call(), a_memory())
    reached.behave("message")
    assert await reached.gateway.tell_memory(reached.call(), a_memory()) == PluginReply(message="Well done")


async def test_signing_secrets_are_different_for_each_plugin_and_user(reached: Reached) -> None:
    names = [name for name in HOSTILE if name]
    pairs = [(PluginId(a), UserId(b)) for a in (*names, "ab") for b in (*names, "c")]
    secrets = {reached.gateway.signing_secret(*pair) for pair in pairs}
    assert len(secrets) == len(set(pairs))
    assert all(secret.startswith("whsec_") for secret in secrets)
    assert reached.gateway.signing_secret(ECHO, ANNA) == reached.gateway.signing_secret(ECHO, ANNA)
