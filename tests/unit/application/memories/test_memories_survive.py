"""Whatever fails, and whenever the process ends: each conversation becomes one memory, and what is deleted stays so.

The small, repeatable version of `make memories`: the program's own container over stores in memory.
"""

from pathlib import Path
from typing import Any

import pytest

from adapters.outbound.capture_journal.memory import InMemoryCaptureJournal
from adapters.outbound.chat_history.memory import InMemoryChatHistory
from adapters.outbound.facts.memory import InMemoryFacts
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.people.memory import InMemoryPeople
from adapters.outbound.text_index.memory import InMemoryTextIndex
from adapters.outbound.vector_index.memory import InMemoryVectorIndex
from benchmarks.memories.campaign import Campaign
from benchmarks.memories.chaos import SteppedClock
from benchmarks.memories.talks import talks


def stores(clock: SteppedClock) -> dict[str, Any]:
    return {
        "memory_repository": InMemoryMemoryRepository(),
        "people": InMemoryPeople(),
        "facts": InMemoryFacts(),
        "chat_history": InMemoryChatHistory(),
        "key_value_store": InMemoryKeyValueStore(clock=clock),
        "object_store": InMemoryObjectStore(),
        "text_index": InMemoryTextIndex(),
        "vector_index": InMemoryVectorIndex(),
        "capture_journal": InMemoryCaptureJournal(),
        "job_queue": InMemoryJobQueue(clock=clock),
    }


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_nothing_is_lost_and_nothing_is_there_twice(seed: int, tmp_path: Path) -> None:
    clock = SteppedClock()
    kept = stores(clock)
    campaign = Campaign(
        tmp_path,
        talks(50, users=4, seed=seed),
        seed=seed,
        clock=clock,
        stores=kept,
        open_jobs=lambda: sum(1 for _ in kept["job_queue"]._open()),
    )
    account = await campaign.run()
    assert campaign.lives > 2, "it never crashed"
    assert account.deleted_by_users
    assert account.violations == 0, "\n".join(account.told())
