"""The passages of kept memories: those to be found, newest first."""

from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from application.questions.kept_passages import PassagesOfMemories
from application.questions.passages import passages_of
from domain.ids import MemoryId, UserId
from tests.support.memories import a_memory, a_segment

ANN = UserId("ann")
OLD = a_memory("old", segments=(a_segment("the train"),))
NEW = a_memory("new", minute=1, segments=(a_segment("the ferry"),))
ODD = a_memory("odd", minute=2, segments=(a_segment("hm"),), discarded=True)


async def kept() -> PassagesOfMemories:
    memories = InMemoryMemoryRepository()
    for memory in (OLD, NEW, ODD):
        await memories.save(ANN, memory)
    return PassagesOfMemories(memories)


async def test_a_memory_has_the_passages_it_is_indexed_with() -> None:
    assert await (await kept()).of(ANN, MemoryId("old")) == passages_of(OLD)


async def test_what_is_gone_or_discarded_has_none() -> None:
    assert await (await kept()).of(ANN, MemoryId("odd")) is None
    assert await (await kept()).of(ANN, MemoryId("nothing")) is None


async def test_of_several_those_to_be_found_are_told() -> None:
    names = [MemoryId(name) for name in ("new", "odd", "nothing", "old")]
    assert await (await kept()).of_several(ANN, names) == {"new": passages_of(NEW), "old": passages_of(OLD)}


async def test_all_that_is_to_be_found_is_told_newest_first() -> None:
    told = [one async for one in (await kept()).newest_first(ANN)]
    assert told == [("new", passages_of(NEW)), ("old", passages_of(OLD))]
