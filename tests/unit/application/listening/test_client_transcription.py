"""A client that hears for itself: its words become memories like those of any recognizer, and ours is not asked."""

from collections.abc import AsyncIterator

import pytest
from msgspec import structs

from adapters.outbound.clock.manual import settle
from application.listening.listening_session import ListeningSession
from domain.audio import SAMPLE_RATE
from domain.suggestion import SuggestedSegment
from tests.support.world import REQUEST, World
from tests.unit.application.listening.test_listen import be_silent, memories, play, said

OWN = structs.replace(REQUEST, hears_itself=True, language="tlh")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().running() as world:
        yield world


def suggested(text: str, *, start: float, end: float, name: str = "") -> SuggestedSegment:
    return SuggestedSegment(id=name, text=text, start=int(start * SAMPLE_RATE), end=int(end * SAMPLE_RATE), speaker=0)


async def suggest(session: ListeningSession, *segments: SuggestedSegment) -> None:
    assert session.suggest is not None
    session.suggest(segments, provider="Whisper on device")
    await settle(200)


def loud(seconds: float) -> bytes:
    return b"\x00\x20\x00\xe0" * int(seconds * SAMPLE_RATE / 2)


async def test_its_words_become_a_memory_marked_with_their_source(world: World) -> None:
    async with world.listen.open(OWN) as session:
        await play(world, session, loud(5))
        await suggest(session, suggested("nuqneH tlhIngan", start=0.5, end=2))
        await suggest(session, suggested("Qapla'", start=3, end=4))
        await be_silent(world, session, 125)
        [memory] = await memories(world)
    assert said(memory) == ["nuqneH", "tlhIngan", "Qapla'"]
    assert {segment.recognizer for segment in memory.segments} == {"client:whisper-on-device"}
    assert memory.coverage is not None
    assert memory.coverage.pending == 0
    assert set(memory.coverage.transcribed) <= {"client:whisper-on-device"}
    assert memory.segments[0].end - memory.segments[0].start == pytest.approx(3.5 * SAMPLE_RATE, abs=10)


async def test_words_come_back_after_a_reconnect_and_are_not_doubled(world: World) -> None:
    async with world.listen.open(OWN) as session:
        await play(world, session, loud(3))
        await suggest(session, suggested("one two", start=0, end=1, name="a"))
        await suggest(session, suggested("one two three", start=0, end=1.5, name="a"))
        await session.drain()
    async with world.listen.open(OWN) as session:
        await play(world, session, loud(3))
        await suggest(session, suggested("four", start=1, end=2, name="b"))
        await be_silent(world, session, 125)
        [memory] = await memories(world)
    assert said(memory) == ["one", "two", "three", "four"]


async def test_without_any_audio_its_words_are_kept_all_the_same(world: World) -> None:
    async with world.listen.open(OWN) as session:
        await suggest(session, suggested("hello", start=0, end=1))
        await world.clock.advance(60)
        await suggest(session, suggested("again", start=60, end=61))
        await session.drain()
    await world.clock.advance(125)
    [memory] = await memories(world)
    assert said(memory) == ["hello", "again"]
    assert memory.finished_at is not None
    assert memory.started_at is not None
    assert (memory.finished_at - memory.started_at).total_seconds() == pytest.approx(61)


async def test_audio_that_the_client_says_nothing_about_holds_up_no_memory(world: World) -> None:
    async with world.listen.open(OWN) as session:
        await play(world, session, loud(2))
        await suggest(session, suggested("hello", start=0, end=1))
        await play(world, session, loud(20))
        await be_silent(world, session, 125)
        [memory] = await memories(world)
    assert said(memory) == ["hello"]


async def test_a_client_that_has_ours_hear_suggests_nothing(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        assert session.suggest is None
