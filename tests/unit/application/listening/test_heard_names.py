"""Who introduces themselves is suggested as the name of their voice, and hardly ever anybody else."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from msgspec import structs

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.people.memory import InMemoryPeople
from application.listening.heard_names import MOST_CREATED, HeardNames
from domain.ids import ConversationId, PersonId, SegmentId, UserId
from domain.person import Person
from domain.session import SessionEvent, SpeakerNamed, TranscriptGrew
from domain.transcript import TranscriptChange, TranscriptSegment
from ports.errors import TemporarilyUnavailable
from tests.support.world import ANNA, REQUEST

CONVERSATION = ConversationId("c")


class Scene:
    """A session with words that are pretended."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.people = InMemoryPeople()
        self.events: list[SessionEvent] = []
        self.names: HeardNames
        self._said = 0

    async def know(self, name: str) -> PersonId:
        now = self.clock.now()
        person = Person(id=PersonId(f"id-of-{name}"), name=name, created_at=now, updated_at=now)
        await self.people.save(ANNA, person)
        return person.id

    async def create(self, user: UserId, name: str) -> Person:
        assert user == ANNA
        await self.know(name)
        return await self.people.get(ANNA, PersonId(f"id-of-{name}"))

    def say(self, text: str, *, speaker: int = 1, **more: Any) -> TranscriptSegment:
        self._said += 100
        piece = TranscriptSegment(
            id=SegmentId(str(self._said)), text=text, start=self._said, end=self._said + 90, speaker=speaker, **more
        )
        self.names.offer(TranscriptGrew(CONVERSATION, 0, TranscriptChange((piece,), (piece,))))
        return piece

    def learn(self, piece: TranscriptSegment, **more: Any) -> None:
        self.names.offer(TranscriptGrew(CONVERSATION, 0, TranscriptChange((), (structs.replace(piece, **more),))))

    async def wait(self, seconds: int = 5) -> None:
        for _ in range(seconds):
            await self.clock.advance(1)

    def begin(self, **request: Any) -> None:
        self.names = HeardNames(
            structs.replace(REQUEST, **request),
            people=self.people,
            create=self.create,
            tell=self.events.append,
            clock=self.clock,
        )


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    scene = Scene()
    scene.begin()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.names.run)
        yield scene
        tasks.cancel_scope.cancel()


async def test_who_introduces_themselves_is_suggested(scene: Scene) -> None:
    piece = scene.say("Hi, I'm Julia.")
    await scene.wait()
    assert scene.events == [SpeakerNamed(CONVERSATION, 1, None, "Julia", piece.id)]


async def test_somebody_whom_the_user_knows_is_named(scene: Scene) -> None:
    julia = await scene.know("Julia Roberts")
    scene.say("Hi, I'm Julia.")
    await scene.wait()
    [told] = scene.events
    assert isinstance(told, SpeakerNamed)
    assert (told.person, told.name) == (julia, "Julia Roberts")


async def test_of_two_with_one_name_nobody_is_meant(scene: Scene) -> None:
    await scene.know("Julia Roberts")
    await scene.know("Julia Child")
    scene.say("Hi, I'm Julia.")
    await scene.wait()
    [told] = scene.events
    assert isinstance(told, SpeakerNamed)
    assert (told.person, told.name) == (None, "Julia")


async def test_a_voice_is_told_once(scene: Scene) -> None:
    scene.say("Hi, I'm Julia.")
    scene.say("My name is Julia.")
    await scene.wait()
    scene.say("I'm Julia, as I said.")
    await scene.wait()
    assert len(scene.events) == 1


async def test_a_voice_gets_its_number_later(scene: Scene) -> None:
    piece = scene.say("Hi, I'm Julia.", speaker=0)
    await scene.wait(2)
    scene.learn(piece, speaker=3)
    await scene.wait()
    assert [event.speaker for event in scene.events if isinstance(event, SpeakerNamed)] == [3]


async def test_the_number_that_it_has_in_the_end_counts(scene: Scene) -> None:
    piece = scene.say("Hi, I'm Julia.", speaker=1)
    await scene.wait(1)
    scene.learn(piece, speaker=2, start=piece.start - 50, id=SegmentId("joined"))
    await scene.wait()
    assert scene.events == [SpeakerNamed(CONVERSATION, 2, None, "Julia", SegmentId("joined"))]


async def test_a_voice_that_never_gets_a_number_and_one_that_is_known_are_passed_over(scene: Scene) -> None:
    scene.say("Hi, I'm Julia.", speaker=0)
    scene.say("Hi, I'm Peter.", speaker=2, person_id=PersonId("peter"))
    scene.say("Hi, I'm Maria.", speaker=3, is_user=True)
    await scene.wait(20)
    assert scene.events == []


async def test_nobody_is_added_unless_the_client_gives_voices_to_people(scene: Scene) -> None:
    scene.say("Hi, I'm Julia.")
    await scene.wait()
    assert await scene.people.list(ANNA) == ()


async def test_where_the_people_cannot_be_asked_the_name_is_told_all_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_user: UserId) -> tuple[Person, ...]:
        raise TemporarilyUnavailable("not now")

    monkeypatch.setattr(scene.people, "list", fail)
    piece = scene.say("Hi, I'm Julia.")
    await scene.wait()
    assert scene.events == [SpeakerNamed(CONVERSATION, 1, None, "Julia", piece.id)]


async def test_who_is_not_known_is_added_where_the_client_assigns_and_wants_it() -> None:
    for creates, expected in ((True, ["Julia"]), (False, [])):
        scene = Scene()
        scene.begin(assigns_speakers=True, creates_people=creates)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(scene.names.run)
            scene.say("Hi, I'm Julia.")
            await scene.wait()
            tasks.cancel_scope.cancel()
        assert [person.name for person in await scene.people.list(ANNA)] == expected
        [told] = scene.events
        assert isinstance(told, SpeakerNamed)
        assert told.person == (PersonId("id-of-Julia") if creates else None)


async def test_a_session_adds_only_so_many() -> None:
    scene = Scene()
    scene.begin(assigns_speakers=True)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(scene.names.run)
        for number in range(MOST_CREATED + 3):
            scene.say(f"My name is Ann{'abcdefghijklmnop'[number]}o.", speaker=number + 1)
        await scene.wait()
        tasks.cancel_scope.cancel()
    assert len(scene.events) == MOST_CREATED + 3
    assert len(await scene.people.list(ANNA)) == MOST_CREATED
