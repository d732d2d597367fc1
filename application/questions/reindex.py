"""After a change of the embedder: all meanings of a user's memories are made anew, in the background."""

from functools import partial

from msgspec import Struct

from application.jobs.run_jobs import JobRun
from application.questions.recall import Recall
from domain.ids import JobId, UserId
from ports.clock import Clock
from ports.job_queue import Job, JobQueue
from ports.memory_repository import MemoryQuery, MemoryRepository
from ports.text_embedder import TextEmbedder
from ports.vector_index import VectorIndex

REINDEX = "reindex"
"""Kind of the job."""
AT_ONCE = 20
"""Memories between two notes of how far it is."""


class _Page(Struct, frozen=True):
    """How far it is."""

    next_cursor: str | None


class AskReindex:
    """Puts the work into the queue; for `Recall(on_other_space=...)`."""

    def __init__(self, *, jobs: JobQueue, embedder: TextEmbedder, clock: Clock) -> None:
        self._jobs = jobs
        self._embedder = embedder
        self._clock = clock

    async def __call__(self, user: UserId) -> None:
        """Asks for it once a day at most: whoever changes the embedder back and forth gets it each time.

        Raises:
            TemporarilyUnavailable: the queue is out of reach.
        """
        name = f"{REINDEX}:{user}:{self._embedder.name}:{self._clock.now():%Y-%m-%d}"
        await self._jobs.enqueue(Job(id=JobId(name), kind=REINDEX, user=user))


class Reindex:
    """Makes the vectors of one user anew. Until it is done, words find what vectors cannot yet."""

    def __init__(
        self, *, memories: MemoryRepository, recall: Recall, vectors: VectorIndex, embedder: TextEmbedder
    ) -> None:
        self._memories = memories
        self._recall = recall
        self._vectors = vectors
        self._embedder = embedder

    async def reindex(self, run: JobRun) -> None:
        """Does a `reindex` job, page by page; goes on where an earlier attempt stopped. Old vectors go last.

        Raises:
            TemporarilyUnavailable: an index, the repository or the embedder failed.
        """
        user, number = run.job.user, 0
        cursor: str | None = None
        while True:
            page = await run.step(f"page {number}", partial(self._page, user, cursor), returns=_Page)
            if page.next_cursor is None:
                break
            cursor, number = page.next_cursor, number + 1
        for space in await self._vectors.spaces(user):
            if space != self._embedder.name:
                await self._vectors.delete_space(user, space)

    async def _page(self, user: UserId, cursor: str | None) -> _Page:
        query = MemoryQuery(limit=AT_ONCE, cursor=cursor, include_discarded=False)
        page = await self._memories.page(user, query)
        for memory in page.memories:
            await self._recall.index(user, memory)
            if not await self._recall.kept(user, [memory.id]):  # deleted meanwhile
                await self._recall.forget(user, memory.id)
        return _Page(page.next_cursor)
