from datetime import timedelta

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from application.days.tell_trends import LOOK_BACK, TellTrends, Topic, Trend
from domain.ids import UserId
from domain.memory import Category, Structure
from tests.support.memories import a_memory

ANNA, BERT = UserId("anna"), UserId("bert")
WORK, TRAVEL = Structure(category=Category.WORK), Structure(category=Category.TRAVEL)


async def test_topics_are_counted_by_category_for_each_user_alone() -> None:
    memories, clock = InMemoryMemoryRepository(), ManualClock()
    await memories.save(ANNA, a_memory("1", structure=WORK, topics=("Budget", "budget ", "hiring")))
    await memories.save(ANNA, a_memory("2", structure=WORK, topics=("budget",)))
    await memories.save(ANNA, a_memory("3", structure=TRAVEL, topics=("Rome",)))
    await memories.save(ANNA, a_memory("4", structure=TRAVEL, topics=("Rome",), discarded=True))
    await memories.save(BERT, a_memory("5", structure=WORK, topics=("secret",)))
    assert await TellTrends(memories=memories, clock=clock).of(ANNA) == (
        Trend(category=Category.WORK, topics=(Topic(name="budget", memories=2), Topic(name="hiring", memories=1))),
        Trend(category=Category.TRAVEL, topics=(Topic(name="rome", memories=1),)),
    )


async def test_what_is_long_ago_is_no_trend() -> None:
    memories, clock = InMemoryMemoryRepository(), ManualClock()
    await memories.save(ANNA, a_memory("1", structure=WORK, topics=("budget",)))
    await clock.advance((LOOK_BACK + timedelta(days=1)).total_seconds())
    assert await TellTrends(memories=memories, clock=clock).of(ANNA) == ()
