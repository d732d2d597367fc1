"""Finding what was said, by words and by meaning."""

from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from application.fuse_hits import ScoredMemory, ScoredPassage, fused
from application.passages import WHOLE, meanings_of, overview_of, passages_of
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from ports.errors import AdapterError, NotFound
from ports.memory_repository import MemoryRepository
from ports.text_embedder import TextEmbedder
from ports.text_index import Hit, TextIndex
from ports.vector_index import VectorEntry, VectorIndex

_CANDIDATES = 200
"""Passages that each index is asked for."""
_LONGEST_QUERY = 4_000
"""Characters of a query that are looked at."""
_PASSAGES = 4
"""Passages that are shown of a memory."""


class FoundPassage(Struct, frozen=True, kw_only=True):
    """A piece of a memory that answers the query."""

    number: int
    """0 is title and overview; segments count from 1."""
    text: str
    start: int
    """Samples, on the clock of the memory's transcript; 0 for the overview."""
    score: float
    """Compares within one answer only."""


class Found(Struct, frozen=True, kw_only=True):
    """A memory that answers the query."""

    memory: Memory
    score: float
    """That of its best passage."""
    passages: tuple[FoundPassage, ...]
    """Best first."""


class Recall:
    """Search over a user's memories."""

    def __init__(
        self, *, memories: MemoryRepository, embedder: TextEmbedder, texts: TextIndex, vectors: VectorIndex
    ) -> None:
        self._memories = memories
        self._embedder = embedder
        self._texts = texts
        self._vectors = vectors

    async def index(self, user: UserId, memory: Memory) -> None:
        """Makes a memory findable as it is now; one that is discarded is not. Call it when the memory is saved.

        Can be repeated after an error: words are findable before meanings, and nothing is there twice.

        Raises:
            TemporarilyUnavailable: an index or the embedder failed.
        """
        if memory.discarded:
            await self.forget(user, memory.id)
            return
        await self._texts.put(user, memory.id, passages_of(memory))
        meanings = meanings_of(memory)
        embeddings = await self._embedder.embed([passage.text for passage in meanings])
        entries = [VectorEntry(m.number, embedding) for m, embedding in zip(meanings, embeddings, strict=True)]
        await self._vectors.put(user, memory.id, entries)

    async def forget(self, user: UserId, memory_id: MemoryId) -> None:
        """Makes a memory unfindable; nothing happens when it is not known.

        Raises:
            TemporarilyUnavailable: an index failed.
        """
        await self._texts.delete(user, memory_id)
        await self._vectors.delete(user, memory_id)

    async def search(self, user: UserId, query: str, *, limit: int = 10) -> tuple[Found, ...]:
        """The memories that fit best, best first. Where the embedder fails, words alone decide.

        Raises:
            TemporarilyUnavailable: the text index or the repository failed.
        """
        query = query[:_LONGEST_QUERY]
        if limit <= 0 or not query.strip():
            return ()
        lexical = await self._texts.search(user, query, limit=_CANDIDATES)
        semantic = await self._near(user, query)
        found: list[Found] = []
        for scored in fused(lexical, semantic, query=query):
            if len(found) == limit:
                break
            memory = await self._kept(user, scored.memory_id)
            if memory is not None:
                found.append(_found(memory, scored))
        return tuple(found)

    async def _near(self, user: UserId, query: str) -> Sequence[Hit]:
        try:
            [embedding] = await self._embedder.embed([query])
            return await self._vectors.search(user, embedding, limit=_CANDIDATES)
        except AdapterError:
            return ()  # half an answer now is worth more than none

    async def _kept(self, user: UserId, memory_id: MemoryId) -> Memory | None:
        """The memory, if there is still one to show."""
        try:
            memory = await self._memories.get(user, memory_id)
        except NotFound:
            with suppress(AdapterError):  # the next search tries again
                await self.forget(user, memory_id)
            return None
        return None if memory.discarded else memory


def _found(memory: Memory, scored: ScoredMemory) -> Found:
    passages = (_passage(memory, passage) for passage in scored.passages)
    shown = tuple(passage for passage in passages if passage is not None)[:_PASSAGES]
    return Found(memory=memory, score=scored.score, passages=shown)


def _passage(memory: Memory, scored: ScoredPassage) -> FoundPassage | None:
    """The passage as it is now; None where the memory has become shorter since it was indexed."""
    if scored.number == WHOLE:
        return FoundPassage(number=WHOLE, text=overview_of(memory), start=0, score=scored.score)
    if scored.number > len(memory.segments):
        return None
    segment = memory.segments[scored.number - 1]
    return FoundPassage(number=scored.number, text=segment.text, start=segment.start, score=scored.score)
