"""A socket that stays open while nothing is sent for minutes: a device that is muted, or that hears speech itself."""

from collections import Counter
from collections.abc import AsyncIterator

import anyio
import pytest

from application.listening.listening_session import ListeningSession
from application.listening.replay_journal import audio
from domain import watermark
from domain.ledger import Fate
from tests.support.world import REQUEST, World
from tests.unit.application.listening.test_listen import be_silent, memories, play, said, words

SILENCE = bytes(64_000)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().running() as world:
        yield world


async def send(world: World, session: ListeningSession, pcm: bytes, *, most: int) -> None:
    """A few messages of a quarter of a second, in real time."""
    for number, at in enumerate(range(0, len(pcm), 8_192)):
        if number == most:
            return
        await world.clock.advance(0.256)
        session.accept(pcm[at : at + 8_192])
        await anyio.sleep(0.001)


async def test_no_conversation_begins_and_ends_again_and_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: Counter[str] = Counter()
    journals = world.journal.open
    monkeypatch.setattr(world.journal, "open", lambda name: (opened.update([name]), journals(name))[1])
    async with world.listen.open(REQUEST) as session:
        await play(world, session, watermark.speech(0, 5, pause=0) + SILENCE)
        await world.clock.advance(900)
    assert len(opened) == 2


async def test_silence_that_is_sent_ends_even_an_empty_conversation(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        first = session.conversation.id
        await be_silent(world, session, 130)
        assert session.conversation.id != first


async def test_what_is_said_when_it_wakes_up_is_in_the_journal_and_in_one_memory(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await play(world, session, watermark.speech(0, 5, pause=0) + SILENCE)
        await world.clock.advance(680)
        await send(world, session, watermark.speech(100, 20, pause=2_400), most=7)
        live = session.conversation
        kept = [frame async for frame in audio(world.journal, live.id, decoder=world.decoder)]
        assert kept[-1].end == live.ledger.end
    await world.clock.advance(300)
    later, earlier = await memories(world)
    assert said(earlier) == words(0, 5)
    heard = live.ledger.parts(0, live.ledger.end, Fate.CAPTURED, Fate.SENT, Fate.GAP)
    assert (said(later), heard) == (words(100, len(said(later))), [])


async def test_the_user_may_end_it_right_when_it_wakes_up(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await play(world, session, watermark.speech(0, 5, pause=0) + SILENCE)
        await world.clock.advance(100)
        await send(world, session, watermark.speech(5, 5, pause=0), most=1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.end_conversation)
            await anyio.sleep(0.1)
            await world.clock.advance(1)
        live = session.conversation
        await send(world, session, watermark.speech(5, 5, pause=0)[8_192:], most=99)
        kept = [frame async for frame in audio(world.journal, live.id, decoder=world.decoder)]
        assert kept[-1].end == live.ledger.end
