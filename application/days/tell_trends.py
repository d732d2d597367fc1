"""What somebody talks about most: their own memories, counted. Nobody else's are looked at."""

from collections import Counter, defaultdict
from datetime import timedelta

from msgspec import Struct

from application.memories.pages import every_memory
from domain.ids import UserId
from domain.memory import Category
from ports.clock import Clock
from ports.memory_repository import MemoryRepository

LOOK_BACK = timedelta(days=90)
MOST_TOPICS = 20
"""Of a category."""


class Topic(Struct, frozen=True, kw_only=True):
    """Something that is talked about."""

    name: str
    memories: int
    """How many are about it."""


class Trend(Struct, frozen=True, kw_only=True):
    """What is talked about in memories of one category, most of all first."""

    category: Category
    topics: tuple[Topic, ...]


class TellTrends:
    """Counts topics of the last ninety days."""

    def __init__(self, *, memories: MemoryRepository, clock: Clock) -> None:
        self._memories = memories
        self._clock = clock

    async def of(self, user: UserId) -> tuple[Trend, ...]:
        """The categories with most memories first. Raises TemporarilyUnavailable."""
        since = self._clock.now() - LOOK_BACK
        counts: defaultdict[Category, Counter[str]] = defaultdict(Counter)
        sizes: Counter[Category] = Counter()
        async for memory in every_memory(self._memories, user):
            if memory.created_at < since:
                break
            topics = {" ".join(topic.lower().split()) for topic in memory.topics} - {""}
            if topics and not memory.discarded:
                category = memory.structure.category
                counts[category].update(sorted(topics))
                sizes[category] += 1
        return tuple(Trend(category=category, topics=_topics(counts[category])) for category, _ in sizes.most_common())


def _topics(counts: Counter[str]) -> tuple[Topic, ...]:
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(Topic(name=name, memories=count) for name, count in ordered[:MOST_TOPICS])
