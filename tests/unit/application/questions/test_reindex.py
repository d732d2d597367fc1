"""After a change of the embedder."""

import anyio
import anyio.lowlevel
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_index.memory import InMemoryTextIndex
from adapters.outbound.vector_index.memory import InMemoryVectorIndex
from application.jobs.run_jobs import RunJobs
from application.questions.recall import Recall
from application.questions.reindex import AT_ONCE, REINDEX, AskReindex, Reindex
from domain.ids import UserId
from tests.support.memories import a_memory, a_segment

ANN = UserId("ann")


class NewEmbedder(FakeTextEmbedder):
    name = "new-64"


@pytest.mark.parametrize("count", [1, AT_ONCE * 2 + 1])
async def test_all_memories_move_into_the_new_space_and_the_old_one_goes(count: int) -> None:
    memories, texts, vectors = InMemoryMemoryRepository(), InMemoryTextIndex(), InMemoryVectorIndex()
    clock, embedder = ManualClock(), NewEmbedder()
    jobs = InMemoryJobQueue(clock=clock)
    old = Recall(memories=memories, embedder=FakeTextEmbedder(), texts=texts, vectors=vectors)
    for number in range(count):
        memory = a_memory(f"m{number}", segments=(a_segment(f"the word{number}"),))
        await memories.save(ANN, memory)
        await old.index(ANN, memory)
    ask = AskReindex(jobs=jobs, embedder=embedder, clock=clock)
    recall = Recall(memories=memories, embedder=embedder, texts=texts, vectors=vectors, on_other_space=ask)
    assert await recall.search(ANN, "word0")
    assert await recall.search(ANN, "word0")  # asked for once
    reindex = Reindex(memories=memories, recall=recall, vectors=vectors, embedder=embedder)
    worker = RunJobs(queue=jobs, clock=clock, handlers={REINDEX: reindex.reindex}, report=lambda _: None)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run)
            while await vectors.spaces(ANN) != ("new-64",):
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
    [vector] = await embedder.embed(["word"])
    assert len(await vectors.search(ANN, vector, space="new-64", limit=1000)) == count
