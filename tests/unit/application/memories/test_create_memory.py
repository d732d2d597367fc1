"""A memory is made once, and what the user does with it meanwhile holds."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import anyio
import pytest
from msgspec import structs

from adapters.outbound.clock.manual import settle
from application.memories.understand_memory import Understood
from domain.chat import Message, Sender
from domain.ids import MemoryId, UserId
from domain.memory import FactDraft, Memory, MemoryDraft, Structure
from domain.session import MemoryCreated
from ports.errors import NotFound, TemporarilyUnavailable
from ports.language_model import Answer, Task
from ports.memory_repository import MemoryQuery
from tests.support.talk import memories, play, speech
from tests.support.world import ANNA, REQUEST, World


async def memory_whose_journal_is_still_there(world: World) -> MemoryId:
    """As a crash between keeping a memory and removing its journal leaves it."""
    remove, world.journal.remove = world.journal.remove, _hang
    async with world.listen.open(REQUEST) as session:
        await play(world, session, speech(0, 3) + bytes(24_000))
        await session.end_conversation()
        await settle(400)
    world.journal.remove = remove
    [memory] = (await world.memories.page(ANNA, MemoryQuery())).memories
    assert await world.journal.conversations()
    return memory.id


async def _hang(_: object) -> None:
    await anyio.sleep_forever()


async def test_a_memory_that_was_deleted_right_after_a_crash_stays_deleted() -> None:
    async with World().running() as world:
        memory = await memory_whose_journal_is_still_there(world)
        crashed = world.restarted()
    await crashed.manage.delete(ANNA, memory)
    last = crashed.restarted()
    async with last.running():
        await last.clock.advance(300)
        assert await memories(last) == []
        assert memory not in await last.journal.conversations()


async def test_a_memory_that_is_deleted_while_it_is_being_made_stays_deleted() -> None:
    async with World().running() as world:
        memory = await memory_whose_journal_is_still_there(world)
        await world.manage.delete(ANNA, memory)
        await world.clock.advance(300)
        assert await memories(world) == []
        with pytest.raises(NotFound):
            await world.memories.get(ANNA, memory)


async def test_a_memory_that_is_deleted_just_before_it_is_kept_stays_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with World().running() as world:
        save = world.memories.save

        async def save_later(user: UserId, memory: Memory) -> None:
            await world.manage.delete(user, memory.id)
            await settle(400)  # until all that was there is forgotten
            await save(user, memory)

        monkeypatch.setattr(world.memories, "save", save_later)
        async with world.listen.open(REQUEST) as session:
            await play(world, session, speech(0, 3) + bytes(24_000))
            await session.end_conversation()
            await settle(400)
        await world.clock.advance(300)
        assert await memories(world) == []
        assert await world.journal.conversations() == ()


async def test_a_late_attempt_undoes_nothing_of_a_better_understanding(monkeypatch: pytest.MonkeyPatch) -> None:
    drinks_tea = FactDraft(content="Drinks green tea every morning")
    async with World().running() as world:
        remove, settle_memory = world.journal.remove, world.create_memory.settle
        model = Ladder(MemoryDraft(structure=Structure(title="Tea"), facts=(drinks_tea,)))
        monkeypatch.setattr(world.model, "generate", model.generate)
        monkeypatch.setattr(world.journal, "remove", fail)
        monkeypatch.setattr(world.create_memory, "settle", cut_off_behind(settle_memory))
        async with world.listen.open(REQUEST) as session:
            await play(world, session, speech(0, 3) + bytes(24_000))
            await session.end_conversation()
            await settle(400)
        assert await world.remember_facts.all(ANNA) == ()
        monkeypatch.setattr(world.create_memory, "settle", settle_memory)
        model.is_away = False
        await world.clock.advance(1_000)
        assert [fact.content for fact in await world.remember_facts.all(ANNA)] == [drinks_tea.content]
        monkeypatch.setattr(world.journal, "remove", remove)
        for _ in range(20):
            await world.clock.advance(600)
            await settle(200)
        assert await world.journal.conversations() == ()
        assert [fact.content for fact in await world.remember_facts.all(ANNA)] == [drinks_tea.content]


class Ladder:
    """A model, and a simpler one while it is away, which finds no facts."""

    def __init__(self, draft: MemoryDraft) -> None:
        self._draft = draft
        self.is_away = True

    async def generate(self, task: Task[MemoryDraft]) -> Answer[MemoryDraft]:
        if self.is_away:
            simple = MemoryDraft(structure=Structure(title="Words"))
            return Answer(value=simple, model="simple", degraded=(task.name,))
        return Answer(value=self._draft, model="good")


def cut_off_behind(settle_memory: Callable[[UserId, Understood], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Does what follows from a memory, and is cut off before that is noted."""

    async def settled(user: UserId, understood: Understood) -> None:
        await settle_memory(user, understood)
        raise TemporarilyUnavailable("cut off")

    return settled


async def fail(*_: object) -> None:
    raise TemporarilyUnavailable("the journal is out of reach")


async def test_the_news_of_a_memory_brings_what_plugins_said_to_it_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    said = Message(id="m", text="Well done", created_at=datetime(2026, 1, 1, tzinfo=UTC), sender=Sender.AI)

    async def answer(_user: UserId, _memory: Memory, *, patience: float) -> tuple[Message, ...]:
        assert patience <= 2
        return (said,)

    async with World().running() as world, world.events.subscribe(ANNA) as news:
        monkeypatch.setattr(world.plugins, "messages", answer)
        async with world.listen.open(REQUEST) as session:
            await play(world, session, speech(0, 3) + bytes(24_000))
            await session.end_conversation()
        with anyio.fail_after(5):
            created = await anext(event async for event in news if isinstance(event, MemoryCreated))
    assert created.messages == (said,)


async def test_what_a_user_changed_after_a_crash_is_not_undone_by_the_next_attempt() -> None:
    async with World().running() as world:
        memory = await memory_whose_journal_is_still_there(world)
        crashed = world.restarted()
    await crashed.memories.update(ANNA, memory, lambda now: structs.replace(now, language="eo"))
    async with crashed.running():
        await crashed.clock.advance(300)
        assert (await crashed.memories.get(ANNA, memory)).language == "eo"
        assert memory not in await crashed.journal.conversations()
