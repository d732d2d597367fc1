"""What was translated while it went on is there afterwards: for who comes back, after a crash, and in the memory."""

from collections.abc import AsyncIterator

import pytest
from anyio import fail_after
from msgspec import structs

from adapters.outbound.clock.manual import settle
from adapters.outbound.translator.fake import UNKNOWN
from application.listening import live_translation
from application.listening.listening_session import ListeningSession
from domain.session import MemoryCreated, MemoryCreating, SegmentsTranslated, SessionEvent, TranscriptGrew
from domain.transcript import TranscriptSegment, Translation
from ports.memory_repository import MemoryQuery
from tests.support.talk import play, speech
from tests.support.world import ANNA, REQUEST, World

READER = structs.replace(REQUEST, translate_to="de")
TAIL = bytes(24_000)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_translation, "GATHER_SECONDS", 0.0)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().running() as world:
        yield world


async def until(session: ListeningSession, kind: type[SessionEvent]) -> SessionEvent:
    with fail_after(5):
        while True:
            event = await session.events.receive()
            if isinstance(event, kind):
                return event


async def talk(world: World, session: ListeningSession) -> None:
    await play(world, session, speech(0, 3) + TAIL)
    await until(session, SegmentsTranslated)


def in_german(segments: tuple[TranscriptSegment, ...]) -> bool:
    return bool(segments) and all(
        segment.translations == (Translation("de", f"[de] {segment.text}"),) for segment in segments
    )


async def test_the_memory_has_them(world: World) -> None:
    async with world.listen.open(READER) as session:
        await talk(world, session)
        await session.end_conversation()
        creating = await until(session, MemoryCreating)
        created = await until(session, MemoryCreated)
    assert isinstance(creating, MemoryCreating)
    assert creating.memory is not None
    assert isinstance(created, MemoryCreated)
    assert in_german(creating.memory.segments)
    assert in_german(created.memory.segments)
    assert (await world.memories.page(ANNA, MemoryQuery())).memories == (created.memory,)


async def test_after_a_crash_the_memory_has_them(world: World) -> None:
    async with world.listen.open(READER) as session:
        await talk(world, session)
        after = world.restarted()
    async with after.running():
        for _ in range(8):
            await after.clock.advance(20)
        await settle(400)
        [memory] = (await after.memories.page(ANNA, MemoryQuery())).memories
    assert in_german(memory.segments)


async def test_who_comes_back_sees_them_and_has_nothing_translated_twice(world: World) -> None:
    async with world.listen.open(READER) as session:
        await talk(world, session)
        await session.drain()
    async with world.listen.open(READER) as session:
        told = await until(session, TranscriptGrew)
        assert isinstance(told, TranscriptGrew)
        assert in_german(told.change.changed)
        assert session.translation is not None
        assert not session.translation._waiting


async def test_nobody_asked_for_any_and_there_are_none(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 3) + TAIL)
        told = await until(session, TranscriptGrew)
    assert isinstance(told, TranscriptGrew)
    assert [segment.translations for segment in told.change.changed] == [()]


async def test_where_any_language_may_be_spoken_it_is_translated_to_what_the_user_reads(world: World) -> None:
    await world.accounts.update(ANNA, lambda account: structs.replace(account, language="de"))
    async with world.listen.open(structs.replace(REQUEST, language="multi")) as session:
        await play(world, session, speech(0, 3) + TAIL)
        told = await until(session, SegmentsTranslated)
    assert isinstance(told, SegmentsTranslated)
    assert in_german(told.segments)


@pytest.mark.parametrize(("reads", "spoken"), [("", "multi"), ("de", "en"), (UNKNOWN, "multi")])
async def test_nothing_is_translated_that_nobody_asked_for(world: World, reads: str, spoken: str) -> None:
    await world.accounts.update(ANNA, lambda account: structs.replace(account, language=reads))
    async with world.listen.open(structs.replace(REQUEST, language=spoken)) as session:
        assert session.translation is None
