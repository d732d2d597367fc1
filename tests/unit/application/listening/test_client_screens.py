"""What a user looks at decides how they are told."""

from collections.abc import AsyncIterator

import pytest
from msgspec import structs

from adapters.outbound.clock.manual import settle
from application.listening.client_screens import ClientScreens
from application.listening.listening_session import ListeningSession
from domain.chat import Message, Sender
from domain.ids import UserId
from domain.session import InterimHeard, ProactiveMessage, SessionEvent, TranscriptGrew
from tests.support.plugins import PluginScene, a_plugin
from tests.support.talk import play, speech
from tests.support.world import ANNA, REQUEST, World

PLUGIN = a_plugin("coach")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().running() as world:
        yield world


@pytest.fixture
def screens(world: World) -> ClientScreens:
    screens = ClientScreens(clock=world.clock)
    world.listen._followers = (screens.begin,)
    return screens


def message(world: World) -> Message:
    return Message(id="m", text="Stand up straight", created_at=world.clock.now(), sender=Sender.AI)


def told(session: ListeningSession) -> list[SessionEvent]:
    events = []
    while session.events.statistics().current_buffer_used:
        events.append(session.events.receive_nowait())
    return events


def look(session: ListeningSession, *, is_open: bool = True, shows_words: bool = True) -> None:
    assert session.screen is not None
    session.screen.change(is_open=is_open, shows_words=shows_words)


async def test_who_looks_at_the_app_is_shown_what_a_plugin_says(world: World, screens: ClientScreens) -> None:
    async with world.listen.open(REQUEST) as session:
        look(session)
        assert screens.show(ANNA, PLUGIN, message(world))
        conversation = session.conversation.id
        assert told(session) == [ProactiveMessage(PLUGIN.id, "Coach says", "Stand up straight", conversation)]


async def test_who_does_not_look_or_never_said_so_takes_a_push(world: World, screens: ClientScreens) -> None:
    async with world.listen.open(REQUEST) as session:
        assert not screens.show(ANNA, PLUGIN, message(world))
        look(session, is_open=False)
        assert not screens.show(ANNA, PLUGIN, message(world))
        assert told(session) == []


async def test_who_seems_to_look_and_sends_no_sound_takes_a_push(world: World, screens: ClientScreens) -> None:
    async with world.listen.open(REQUEST) as session:
        look(session)
        await world.clock.advance(6)
        assert not screens.show(ANNA, PLUGIN, message(world))


async def test_nobody_is_shown_what_is_said_to_somebody_else(world: World, screens: ClientScreens) -> None:
    async with world.listen.open(REQUEST) as session:
        look(session)
        assert not screens.show(UserId("bert"), PLUGIN, message(world))
        assert told(session) == []


async def test_a_session_that_is_over_shows_nothing_and_leaves_nothing(world: World, screens: ClientScreens) -> None:
    async with world.listen.open(REQUEST) as session:
        look(session)
        await settle()
    assert not screens.show(ANNA, PLUGIN, message(world))
    assert not screens._screens


@pytest.mark.usefixtures("screens")
async def test_guesses_are_withheld_from_an_app_that_does_not_show_them_and_final_words_never(world: World) -> None:
    async with world.listen.open(structs.replace(REQUEST, interim=True)) as session:
        await play(world, session, speech(0, 3) + bytes(24_000))
        assert any(isinstance(event, InterimHeard) for event in told(session))
        look(session, shows_words=False)
        await play(world, session, speech(3, 3) + bytes(24_000))
        kinds = {type(event) for event in told(session)}
        assert InterimHeard not in kinds
        assert TranscriptGrew in kinds


async def test_what_is_shown_is_not_pushed_and_is_in_the_chat() -> None:
    scene = PluginScene()
    shown: list[str] = []

    def show(_user: UserId, _plugin: object, message: Message) -> bool:
        shown.append(message.text)
        return len(shown) == 1

    scene.replies._show = show
    for text in ("Stand up straight", "Breathe in deeply"):
        await scene.replies.notify_of(ANNA, PLUGIN, await scene.replies.keep(ANNA, PLUGIN, text))
    assert [notification.body for _, notification in scene.notifier.sent] == ["Breathe in deeply"]
    assert len(await scene.chat.recent(ANNA)) == 2
