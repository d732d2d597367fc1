"""What a model makes of a memory goes where it belongs."""

from domain.ids import MemoryId
from domain.memory import MemoryDraft, Structure
from tests.support.memories import a_memory, a_segment
from tests.support.world import ANNA, World


async def test_people_and_topics_are_told_apart() -> None:
    world = World()
    await world.memories.save(ANNA, a_memory(segments=(a_segment("Bert likes chess."),)))
    world.model.answers = [MemoryDraft(structure=Structure(title="Bert"), people=("Bert",), topics=("chess",))]
    memory = await world.create_memory.reprocess(ANNA, MemoryId("memory"))
    assert (memory.people, memory.topics) == (("Bert",), ("chess",))


async def test_a_short_memory_is_found_by_its_words_like_a_long_one() -> None:
    world = World()
    short = a_memory("short", segments=(a_segment("Quinoa."),))
    long = a_memory("long", segments=tuple(a_segment("We spoke of bread for hours.", at=at) for at in range(60)))
    for memory in (short, long):
        await world.memories.save(ANNA, memory)
        await world.recall.index(ANNA, memory)
    best, *_ = await world.recall.search(ANNA, "quinoa")
    assert best.memory.id == "short"
