"""Who speaks, told in sessions: numbers for voices, names where they are known, the same before and after every cut."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from domain.ids import PersonId, SegmentId
from domain.memory import Memory
from domain.person import Person
from domain.session import SegmentsRemoved, SessionEvent, SpeakerRecognized, TranscriptGrew
from domain.speaker import OWNER
from domain.transcript import TranscriptSegment
from ports.memory_repository import MemoryQuery
from tests.support.numbered_voices import EACH
from tests.support.talk import play, speech
from tests.support.world import ANNA, REQUEST, World

BOB = PersonId("bob")
QUIET = bytes(2 * 16_000)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().running() as world:
        yield world


def turn(voice: int, *, first: int = 0, count: int = 5) -> bytes:
    """Somebody says some words; then a pause."""
    return speech(voice * EACH + first, count) + QUIET


def shown(events: list[SessionEvent]) -> dict[SegmentId, TranscriptSegment]:
    """What a client that replaces segments by their identifiers sees in the end."""
    segments: dict[SegmentId, TranscriptSegment] = {}
    for event in events:
        if isinstance(event, SegmentsRemoved):
            for gone in event.segments:
                del segments[gone]
        elif isinstance(event, TranscriptGrew):
            segments |= {segment.id: segment for segment in event.change.changed}
    return segments


async def told(world: World, *turns: bytes) -> list[SessionEvent]:
    """What a client is told while these turns are said."""
    async with world.listen.open(REQUEST) as session:
        for pcm in turns:
            await play(world, session, pcm)
        await session.drain()
        return [event async for event in session.events]


def speakers(segments: list[TranscriptSegment]) -> list[tuple[int, str]]:
    ordered = sorted(segments, key=lambda segment: segment.start)
    return [(s.speaker, "user" if s.is_user else s.person_id or "") for s in ordered]


async def memory(world: World) -> Memory:
    await world.clock.advance(200)
    (memory,) = (await world.memories.page(ANNA, MemoryQuery())).memories
    return memory


async def test_each_voice_gets_a_number_of_its_own(world: World) -> None:
    events = await told(world, turn(0), turn(1), turn(0, first=10))
    assert speakers(list(shown(events).values())) == [(1, ""), (2, ""), (1, "")]


async def test_words_come_before_anybody_knows_who_said_them(world: World) -> None:
    events = [event for event in await told(world, turn(0)) if isinstance(event, TranscriptGrew)]
    assert speakers(list(events[0].change.added)) == [(0, "")]
    assert events[-1].change.added == ()
    assert speakers(list(events[-1].change.changed)) == [(1, "")]


async def test_known_voices_are_named_and_strangers_are_not(world: World) -> None:
    world.known_voices.known_numbers = {OWNER: 1, BOB: 2}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    await world.people.save(ANNA, Person(id=BOB, name="Bob", created_at=now, updated_at=now))
    events = await told(world, turn(3), turn(1), turn(2))
    assert speakers(list(shown(events).values())) == [(1, ""), (2, "user"), (3, "bob")]
    suggested = [(e.speaker, e.person, e.name) for e in events if isinstance(e, SpeakerRecognized)]
    assert suggested == [(2, OWNER, ""), (3, BOB, "Bob")]


async def test_a_memory_says_who_spoke(world: World) -> None:
    world.known_voices.known_numbers = {OWNER: 1}
    await told(world, turn(0), turn(1))
    assert speakers(list((await memory(world)).segments)) == [(1, ""), (2, "user")]


async def test_labels_survive_a_reconnect(world: World) -> None:
    first = await told(world, turn(0), turn(1))
    second = await told(world, turn(1, first=10), turn(0, first=10))
    assert speakers(list(shown([*first, *second]).values())) == [(1, ""), (2, ""), (1, "")]
    assert speakers(list((await memory(world)).segments))[-1] == (1, "")


async def test_labels_survive_a_crash(world: World) -> None:
    await told(world, turn(0), turn(1))
    async with world.restarted().running() as next_world:
        events = await told(next_world, turn(1, first=10))
        assert {segment.speaker for segment in shown(events).values()} >= {2}
        final = speakers(list((await memory(next_world)).segments))
        assert [speaker for speaker, _ in final] == [1, 2]


async def test_a_short_piece_is_unknown_until_its_neighbors_are_known(world: World) -> None:
    events = await told(world, turn(0), speech(20, 1) + QUIET, turn(0, first=30))
    assert 0 in {segment.speaker for segment in shown(events).values()}
    assert speakers(list((await memory(world)).segments)) == [(1, "")]


async def test_a_short_piece_between_two_voices_stays_unknown(world: World) -> None:
    await told(world, turn(0), speech(20, 1) + QUIET, turn(1))
    assert [speaker for speaker, _ in speakers(list((await memory(world)).segments))] == [1, 0, 2]


async def test_a_broken_encoder_costs_labels_and_no_words_and_is_reported_once(world: World) -> None:
    world.encoder.is_broken = True
    events = await told(world, turn(0), turn(1))
    assert [speaker for speaker, _ in speakers(list(shown(events).values()))] == [0]
    assert len(world.identification_failures) == 1
    kept = await memory(world)
    assert kept.degraded == ("identify_speakers",)
    assert len(" ".join(s.text for s in kept.segments).split()) == 10


async def test_an_encoder_that_works_again_is_used_again(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        world.encoder.is_broken = True
        await play(world, session, turn(0))
        world.encoder.is_broken = False
        await play(world, session, QUIET * 31)
        await play(world, session, turn(1))
        await session.drain()
        events = [event async for event in session.events]
    assert 1 in {segment.speaker for segment in shown(events).values()}


async def test_what_was_not_heard_live_is_heard_at_the_end(world: World) -> None:
    world.encoder.is_broken = True
    await told(world, turn(0), turn(1))
    world.encoder.is_broken = False
    assert [speaker for speaker, _ in speakers(list((await memory(world)).segments))] == [1, 2]


async def test_what_the_user_says_of_a_voice_holds_to_the_end(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        await play(world, session, turn(0))
        await play(world, session, turn(1))
        session.assign(2, BOB)
        await play(world, session, turn(1, first=10))
        await session.drain()
        events = [event async for event in session.events]
    assert speakers(list(shown(events).values())) == [(1, ""), (2, "bob")]
    assert speakers(list((await memory(world)).segments)) == [(1, ""), (2, "bob")]


async def test_who_the_user_points_at_before_the_voice_is_known_holds_to_the_end(world: World) -> None:
    async with world.listen.open(REQUEST) as session:
        world.encoder.is_broken = True
        await play(world, session, turn(0) + QUIET * 2)
        shown_first = session.conversation.transcript.segments
        session.assign(0, BOB, segments=[segment.id for segment in shown_first])
        await session.drain()
        events = [event async for event in session.events]
    assert speakers(list(shown(events).values())) == [(0, "bob")]
    world.encoder.is_broken = False
    assert [person for _, person in speakers(list((await memory(world)).segments))] == ["bob"]
