"""The life of conversations, told in sessions: what is said becomes one memory each, whatever happens in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from msgspec import structs

from adapters.outbound.clock.manual import settle
from application.listening.listening_session import ListeningSession
from domain import watermark
from domain.audio import SAMPLE_RATE
from domain.errors import UnsupportedAudio
from domain.ids import UserId
from domain.memory import Memory
from domain.session import ConversationStarted, MemoryCreated, MemoryCreating, SessionEvent, TranscriptGrew
from ports.errors import StorageFull
from ports.memory_repository import MemoryQuery
from tests.support.talk import PAUSE, said, words
from tests.support.world import ANNA, PACKET_BYTES, PCM, REQUEST, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().running() as world:
        yield world


async def say(world: World, session: ListeningSession, first: int, count: int, *, speed: float = 1.0) -> None:
    """Numbered words, and half a second of silence."""
    await play(world, session, watermark.speech(first, count, pause=PAUSE) + bytes(24_000), speed=speed)


async def be_silent(world: World, session: ListeningSession, seconds: float) -> None:
    await play(world, session, bytes(int(seconds * SAMPLE_RATE) * 2))


async def play(world: World, session: ListeningSession, pcm: bytes, *, speed: float = 1.0) -> None:
    for start in range(0, len(pcm), PACKET_BYTES):
        session.accept(pcm[start : start + PACKET_BYTES])
        if start % (25 * PACKET_BYTES) == 0:
            await world.clock.advance(0.5 / speed)
    await settle(200)


@asynccontextmanager
async def session_of(world: World) -> AsyncIterator[ListeningSession]:
    async with world.listen.open(REQUEST) as session:
        yield session
        await session.drain()


def told(session: ListeningSession) -> list[SessionEvent]:
    """What the client was told so far."""
    events = []
    while session.events.statistics().current_buffer_used:
        events.append(session.events.receive_nowait())
    return events


async def memories(world: World) -> tuple[Memory, ...]:
    await settle(400)
    return (await world.memories.page(ANNA, MemoryQuery())).memories


async def test_words_are_told_while_they_are_said(world: World) -> None:
    async with session_of(world) as session:
        await say(world, session, 0, 3)
        grown = [event for event in told(session) if isinstance(event, TranscriptGrew)]
        assert " ".join(s.text for event in grown for s in event.change.added) == "word0 word1 word2"
        assert grown[0].change.added[0].start == grown[0].origin


async def test_silence_ends_a_conversation_and_makes_one_memory(world: World) -> None:
    async with session_of(world) as session:
        await say(world, session, 0, 5)
        await be_silent(world, session, 121)
        [memory] = await memories(world)
        assert said(memory) == words(0, 5)
        assert memory.segments[0].start == 0
        kinds = [type(event) for event in told(session)]
        assert MemoryCreating in kinds
        assert MemoryCreated in kinds


async def test_the_next_words_begin_the_next_conversation_on_a_clock_of_its_own(world: World) -> None:
    async with session_of(world) as session:
        await say(world, session, 0, 5)
        await be_silent(world, session, 125)
        await say(world, session, 5, 5)
        await be_silent(world, session, 125)
        later, earlier = await memories(world)
        assert (said(earlier), said(later)) == (words(0, 5), words(5, 5))
        assert later.segments[0].start == 0
        assert earlier.started_at is not None
        assert later.started_at is not None
        assert (later.started_at - earlier.started_at).total_seconds() == pytest.approx(125 + 5 * 0.45 + 0.75, abs=1.5)


async def test_a_reconnect_within_the_silence_goes_on_without_a_shift(world: World) -> None:
    async with session_of(world) as session:
        await say(world, session, 0, 5)
    await world.clock.advance(60)
    async with session_of(world) as session:
        await say(world, session, 5, 5)
        await be_silent(world, session, 121)
        [memory] = await memories(world)
        assert said(memory) == words(0, 10)
        first, second = memory.segments[0], memory.segments[-1]
        assert (second.start - first.start) / SAMPLE_RATE == pytest.approx(60 + 5 * 0.45 + 0.75, abs=1.0)


async def test_a_socket_that_closes_for_good_still_becomes_a_memory(world: World) -> None:
    async with session_of(world) as session:
        await say(world, session, 0, 5)
    await world.clock.advance(125)
    [memory] = await memories(world)
    assert said(memory) == words(0, 5)


async def test_silence_alone_makes_nothing_and_leaves_nothing(world: World) -> None:
    async with session_of(world) as session:
        await be_silent(world, session, 300)
    await world.clock.advance(125)
    assert await memories(world) == ()
    assert await world.journal.conversations() == ()


async def test_the_user_can_end_a_conversation(world: World) -> None:
    async with session_of(world) as session:
        await say(world, session, 0, 5)
        await session.end_conversation()
        [memory] = await memories(world)
        assert said(memory) == words(0, 5)


async def test_every_captured_sample_is_accounted_for(world: World) -> None:
    async with session_of(world) as session:
        await be_silent(world, session, 10)
        await say(world, session, 0, 5)
        await be_silent(world, session, 125)
        [memory] = await memories(world)
        coverage = memory.coverage
        assert coverage is not None
        assert coverage.pending == 0
        assert coverage.captured == coverage.gated + coverage.transcribed["fake"]
        assert coverage.gated > 0.9 * coverage.captured


async def test_a_crash_in_the_middle_of_a_word_loses_nothing(world: World) -> None:
    pcm = watermark.speech(0, 5, pause=PAUSE)
    async with world.listen.open(REQUEST) as session:
        await play(world, session, pcm[: len(pcm) - 10_000])
        crashed = world.restarted()
    async with crashed.running():
        await crashed.clock.advance(20)
        await crashed.clock.advance(125)
        [memory] = await memories(crashed)
        assert said(memory) == words(0, 5)


async def test_a_crash_and_a_reconnect_make_one_memory(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await say(world, session, 0, 5)
        crashed = world.restarted()
    async with crashed.running():
        await crashed.clock.advance(3)
        async with session_of(crashed) as session:
            await say(crashed, session, 5, 5)
            await be_silent(crashed, session, 125)
        [memory] = await memories(crashed)
        assert said(memory) == words(0, 10)


async def test_a_full_disk_is_told_and_costs_no_words(world: World) -> None:
    async with session_of(world) as session:
        await say(world, session, 0, 3)
        world.journal.failure = StorageFull("no space left on the disk")
        await say(world, session, 3, 3)
        await world.clock.advance(2)
        assert "storage_full" in {getattr(event, "status", "") for event in told(session)}
        world.journal.failure = None
        await say(world, session, 6, 3)
        await be_silent(world, session, 125)
        [memory] = await memories(world)
        assert said(memory) == words(0, 9)


async def test_two_devices_of_one_user_that_talk_at_once_make_two_memories(world: World) -> None:
    async with session_of(world) as one, session_of(world) as other:
        for number in range(3):
            one.accept(watermark.word(number)[:PACKET_BYTES])
            other.accept(watermark.word(number)[:PACKET_BYTES])
        assert one.conversation.id != other.conversation.id


async def test_a_connection_that_hangs_is_taken_over_by_the_next_one(world: World) -> None:
    async with world.listen.open(REQUEST) as hung:
        await say(world, hung, 0, 3)
        taken_over = hung.taken_over
        await world.clock.advance(5)
        async with anyio.create_task_group() as tasks:

            async def let_go() -> None:
                await taken_over.wait()
                hung.stop()

            tasks.start_soon(let_go)
            async with session_of(world) as session:
                assert session.conversation.id == hung.conversation.id


async def test_while_a_connection_that_never_lets_go_is_waited_for_others_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.listening.conversations.LETTING_GO", 0.2)
    async with world.listen.open(REQUEST) as hung, anyio.create_task_group() as tasks:
        await say(world, hung, 0, 3)
        taken_over = hung.taken_over
        await world.clock.advance(5)

        async def other_comes() -> None:
            await taken_over.wait()
            async with world.listen.open(structs.replace(REQUEST, user=UserId("somebody else"))):
                await done.wait()

        done = anyio.Event()
        tasks.start_soon(other_comes)
        async with session_of(world) as session:
            assert session.conversation.id != hung.conversation.id
            done.set()


async def test_a_format_that_cannot_be_decoded_is_refused_before_anything_is_taken(world: World) -> None:
    request = structs.replace(REQUEST, audio=structs.replace(PCM, sample_rate=11_025))
    with pytest.raises(UnsupportedAudio, match="11025"):
        async with world.listen.open(request):
            pass
    assert await world.journal.conversations() == ()


async def test_the_clock_of_a_conversation_does_not_move_once_it_was_told(world: World) -> None:
    async with session_of(world) as session:
        await be_silent(world, session, 3)
        await say(world, session, 0, 3)
        told_origins = {event.origin for event in told(session) if isinstance(event, TranscriptGrew)}
        await say(world, session, 3, 3)
        told_origins |= {event.origin for event in told(session) if isinstance(event, TranscriptGrew)}
        await be_silent(world, session, 125)
        [memory] = await memories(world)
        assert told_origins == {3 * SAMPLE_RATE}
        assert memory.segments[0].start == 0


async def test_a_client_is_told_which_conversation_goes_on(world: World) -> None:
    async with session_of(world) as session:
        await say(world, session, 0, 3)
    async with session_of(world) as session:
        await say(world, session, 3, 3)
        started = [event.conversation for event in told(session) if isinstance(event, ConversationStarted)]
        assert started == [session.conversation.id]
