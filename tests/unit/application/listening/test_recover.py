"""Crashes, hasty clients and slow recognizers: whatever was captured is heard, once, in order, in one memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from msgspec import structs

from adapters.outbound.clock.manual import settle
from adapters.outbound.speech_to_text.fake import FakeSpeechToText
from domain import watermark
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE
from domain.recognition import FinalWords, RecognitionEvent
from domain.session import TranscriptGrew
from ports.capture_journal import RecordKind
from ports.errors import TemporarilyUnavailable
from ports.speech_to_text import Terms, TranscriptionRequest, TranscriptionStream
from tests.support.talk import PAUSE, memories, play, speech, words
from tests.support.world import REQUEST, World

MIDDLE = (4 * (watermark.WORD_SAMPLES + PAUSE) + 1_600) * SAMPLE_BYTES
"""Bytes of speech that end in the middle of the fifth word."""


class HeldRecognizer(FakeSpeechToText):
    """Says nothing before it is let."""

    terms = Terms()

    def __init__(self, *held: int) -> None:
        self.let = anyio.Event()
        self._held = held
        """Which streams, counted from 0; the others are prompt."""
        self._opened = 0

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        async with super().open_stream(request) as stream:
            number, self._opened = self._opened, self._opened + 1
            yield _Held(stream, self.let) if number in self._held else stream


class _Held:
    def __init__(self, stream: TranscriptionStream, let: anyio.Event) -> None:
        self.send, self.finalize, self.send_eof = stream.send, stream.finalize, stream.send_eof
        self._stream = stream
        self._let = let

    async def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        async for event in self._stream:
            if isinstance(event, FinalWords):
                await self._let.wait()
            yield event


class DeadRecognizer(FakeSpeechToText):
    """Cannot be reached before it is alive."""

    alive = False

    @asynccontextmanager
    async def open_stream(self, request: TranscriptionRequest) -> AsyncIterator[TranscriptionStream]:
        if not self.alive:
            raise TemporarilyUnavailable("no route")
        async with super().open_stream(request) as stream:
            yield stream


async def crash_in_the_middle_of_a_word(world: World) -> World:
    async with world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 5)[:MIDDLE])
        return world.restarted()


async def test_what_a_crash_cut_off_is_heard_while_the_user_talks_on() -> None:
    async with World().running() as world:
        crashed = await crash_in_the_middle_of_a_word(world)
    async with crashed.running(), crashed.listen.open(REQUEST) as session:
        await play(crashed, session, speech(5, 5) + bytes(2 * 125 * SAMPLE_RATE))
        assert await memories(crashed) == [words(0, 10)]


async def test_a_user_who_ends_a_conversation_right_after_a_crash_loses_nothing() -> None:
    async with World().running() as world:
        crashed = await crash_in_the_middle_of_a_word(world)
    async with crashed.running(), crashed.listen.open(REQUEST) as session:
        await play(crashed, session, speech(5, 5) + bytes(24_000))
        await session.end_conversation()
        assert await memories(crashed) == [words(0, 10)]


async def test_what_is_said_while_a_conversation_is_being_ended_belongs_to_the_next() -> None:
    world = World(recognizer=HeldRecognizer(0))
    async with world.running(), world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 3))
        session.ask_to_end()
        await anyio.sleep(0.1)
        await play(world, session, speech(3, 3))
        crashed = world.restarted()
    async with crashed.running():
        await crashed.clock.advance(150)
        assert await memories(crashed) == [words(0, 3), words(3, 3)]


async def test_a_user_who_ends_a_conversation_and_leaves_at_once_has_ended_it() -> None:
    async with World().running() as world:
        async with world.listen.open(REQUEST) as session:
            await play(world, session, speech(0, 3))
            session.ask_to_end()
            await session.drain()
        await world.clock.advance(5)
        assert await memories(world) == [words(0, 3)]


async def test_a_client_is_told_what_is_heard_late() -> None:
    async with World().running() as world:
        crashed = await crash_in_the_middle_of_a_word(world)
    async with crashed.running(), crashed.listen.open(REQUEST) as session:
        await settle(400)
        grown = [session.events.receive_nowait() for _ in range(session.events.statistics().current_buffer_used)]
        assert [s.text for e in grown if isinstance(e, TranscriptGrew) for s in e.change.added] == ["word4"]


async def test_crash_after_crash_loses_and_doubles_nothing() -> None:
    world = World()
    for number in range(6):
        async with world.running(), world.listen.open(REQUEST) as session:
            await play(world, session, speech(5 * number, 5)[:MIDDLE])
            world = world.restarted()
    async with world.running():
        await world.clock.advance(150)
        assert await memories(world) == [words(0, 30)]


async def test_a_crash_while_a_crash_is_recovered_loses_and_doubles_nothing() -> None:
    recognizer = HeldRecognizer(0)
    async with World().running() as world:
        crashed = await crash_in_the_middle_of_a_word(world)
    again = World(crashed, recognizer=recognizer)
    async with again.running(), again.listen.open(REQUEST) as session:
        await play(again, session, speech(5, 5)[:MIDDLE])
        last = again.restarted()
    async with last.running():
        await last.clock.advance(150)
        assert await memories(last) == [words(0, 10)]


async def test_a_server_that_was_down_for_longer_than_the_silence_finishes_what_it_finds() -> None:
    async with World().running() as world:
        crashed = await crash_in_the_middle_of_a_word(world)
    await crashed.clock.advance(3_600)
    async with crashed.running(), crashed.listen.open(REQUEST) as session:
        await play(crashed, session, speech(5, 5) + bytes(2 * 125 * SAMPLE_RATE))
        assert await memories(crashed) == [words(0, 5), words(5, 5)]


async def test_nothing_is_finished_before_a_recognizer_is_there_to_hear_it() -> None:
    async with World().running() as world:
        crashed = await crash_in_the_middle_of_a_word(world)
    recognizer = DeadRecognizer()
    crashed = World(crashed, recognizer=recognizer)
    async with crashed.running():
        await crashed.clock.advance(600)
        assert await memories(crashed) == []
        recognizer.alive = True
        await crashed.clock.advance(10)
        assert await memories(crashed) == [words(0, 5)]


async def test_a_client_that_leaves_before_it_was_heard_loses_nothing() -> None:
    world = World(recognizer=HeldRecognizer(0))
    async with world.running():
        async with world.listen.open(REQUEST) as session:
            await play(world, session, speech(0, 5)[:MIDDLE])
        await world.clock.advance(150)
        assert await memories(world) == [words(0, 5)]


async def test_what_a_session_still_waits_for_is_not_heard_a_second_time() -> None:
    recognizer = HeldRecognizer(0)
    world = World(recognizer=recognizer)
    async with world.running():
        async with world.listen.open(REQUEST) as session, anyio.create_task_group() as tasks:
            await play(world, session, speech(0, 5))
            tasks.start_soon(session.drain)
            await world.clock.advance(20)
            recognizer.let.set()
        await world.clock.advance(150)
        assert await memories(world) == [words(0, 5)]


async def test_words_that_come_after_the_user_ended_the_conversation_are_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("application.listening.listening_session.DRAIN_SECONDS", 0.1)
    recognizer = HeldRecognizer(0)
    world = World(recognizer=recognizer)
    async with world.running():
        async with world.listen.open(REQUEST) as session:
            await play(world, session, speech(0, 5))
            await session.end_conversation()
            assert await memories(world) == []
            await play(world, session, speech(5, 5))
            recognizer.let.set()
            await settle(200)
            await world.clock.advance(2)
            assert await memories(world) == [words(0, 5)]
            await session.drain()
        await world.clock.advance(150)
        assert await memories(world) == [words(0, 5), words(5, 5)]


async def test_a_crash_right_after_the_user_ended_a_conversation_doubles_nothing_of_the_next() -> None:
    async with World().running() as world, world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 3))
        await session.end_conversation()
        await play(world, session, speech(3, 5)[:MIDDLE])
        crashed = world.restarted()
    async with crashed.running():
        await crashed.clock.advance(150)
        assert await memories(crashed) == [words(0, 3), words(3, 5)]


async def test_a_conversation_that_was_ended_stays_ended_over_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.listening.listening_session.DRAIN_SECONDS", 0.1)
    world = World(recognizer=HeldRecognizer(0))
    async with world.running(), world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 5))
        await session.end_conversation()
        await play(world, session, speech(5, 5))
        crashed = world.restarted()
    async with crashed.running():
        await crashed.clock.advance(10)
        assert await memories(crashed) == [words(0, 5)]
        await crashed.clock.advance(150)
        assert await memories(crashed) == [words(0, 5), words(5, 5)]


async def test_a_connection_that_was_taken_over_does_not_let_go_of_its_successors_conversation() -> None:
    async with World().running() as world, world.listen.open(REQUEST) as older:
        older.stop()
        async with world.listen.open(REQUEST) as newer:
            older.leave()
            assert newer.conversation is older.conversation
            assert newer.conversation.is_connected


async def test_of_two_connections_that_wait_for_a_hung_one_only_one_gets_its_conversation() -> None:
    async with World().running() as world, world.listen.open(REQUEST) as hung:
        await play(world, hung, speech(0, 1))
        await world.clock.advance(5)
        attached: list[str] = []

        async def attach() -> None:
            live, _ = await world.conversations.attach(REQUEST)
            attached.append(live.id)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(attach)
            tasks.start_soon(attach)
            await hung.taken_over.wait()
            hung.stop()
        assert len(set(attached)) == 2
        assert hung.conversation.id in attached


async def test_a_later_conversation_of_a_session_can_be_taken_over_too() -> None:
    async with World().running() as world, world.listen.open(REQUEST) as session:
        watched = session.taken_over
        await play(world, session, speech(0, 1))
        await session.end_conversation()
        await world.clock.advance(5)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.conversations.attach, REQUEST)
            with anyio.fail_after(5):
                await watched.wait()
            session.stop()


async def test_a_journal_that_cannot_be_read_keeps_no_other_from_being_taken_up() -> None:
    async with World().running() as world:
        broken = world.journal.open("broken")  # type: ignore[arg-type]
        broken.append(RecordKind.OPENED, b"of another age")
        crashed = await crash_in_the_middle_of_a_word(world)
    async with crashed.running():
        await crashed.clock.advance(150)
        assert await memories(crashed) == [words(0, 5)]
        assert set(crashed.restore.refused) == {"broken"}
        assert await crashed.journal.conversations() == ("broken",)


async def test_a_conversation_whose_end_was_noted_but_not_handed_in_becomes_a_memory() -> None:
    async with World().running() as world, world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 3) + bytes(24_000))
        enqueue, world.queue.enqueue = world.queue.enqueue, _out_of_reach
        with pytest.raises(TemporarilyUnavailable):
            await session.end_conversation()
        world.queue.enqueue = enqueue
        crashed = world.restarted()
    async with crashed.running():
        await crashed.clock.advance(1)
        assert await memories(crashed) == [words(0, 3)]


async def test_a_conversation_that_could_not_be_handed_in_is_not_continued() -> None:
    async with World().running() as world, world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 3) + bytes(24_000))
        enqueue, world.queue.enqueue = world.queue.enqueue, _out_of_reach
        with pytest.raises(TemporarilyUnavailable):
            await session.end_conversation()
        session.stop()
        async with world.listen.open(structs.replace(REQUEST)) as next_session:
            await play(world, next_session, speech(3, 3) + bytes(24_000))
            world.queue.enqueue = enqueue
            await world.clock.advance(2)
            assert await memories(world) == [words(0, 3)]


async def _out_of_reach(*_: object, **__: object) -> bool:
    raise TemporarilyUnavailable("the queue is out of reach")
