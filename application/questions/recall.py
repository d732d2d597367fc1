"""Finding what was said, by words and by meaning, by who said it and when."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice

from msgspec import Struct

from application.questions.find_candidates import FindCandidates
from application.questions.fuse_hits import Candidate, ScoredMemory, ScoredPassage, Weights, fused
from application.questions.passages import WHOLE, meanings_of, passages_of, text_of
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from ports.clock import Clock
from ports.errors import AdapterError
from ports.memory_repository import MemoryRepository
from ports.people import People
from ports.text_embedder import TextEmbedder
from ports.text_index import TextIndex
from ports.vector_index import VectorEntry, VectorIndex

_PASSAGES = 4
"""Passages that are shown of a memory."""


class FoundPassage(Struct, frozen=True, kw_only=True):
    """A piece of a memory that answers the query."""

    number: int
    """0 is what belongs to no segment: title and overview, or a photo; segments count from 1."""
    text: str
    start: int
    """Samples, on the clock of the memory's transcript; 0 for what belongs to no segment."""
    score: float
    """Compares within one answer only."""


class Found(Struct, frozen=True, kw_only=True):
    """A memory that answers the query."""

    memory: Memory
    score: float
    """That of its best passage."""
    passages: tuple[FoundPassage, ...]
    """Best first."""


async def _tell_nobody(_user: UserId) -> None:
    return


class Recall:
    """Search over a user's memories."""

    def __init__(
        self,
        *,
        memories: MemoryRepository,
        embedder: TextEmbedder,
        texts: TextIndex,
        vectors: VectorIndex,
        people: People | None = None,
        clock: Clock | None = None,
        weights: Weights = Weights(),  # noqa: B008 - frozen
        on_other_space: Callable[[UserId], Awaitable[None]] = _tell_nobody,
    ) -> None:
        """Keeps what it works with.

        Args:
            memories: where what was found is read.
            embedder: its name is the space of the vectors.
            texts: knows words, times and speakers.
            vectors: knows meanings.
            people: whose names a query may hold; without them, names are words as all others.
            clock: what "last week" counts from where nobody says what time it is.
            weights: what counts how much.
            on_other_space: told when a user's memories have vectors of another embedder, or most of them none:
                `AskReindex` has them made anew.
        """
        self._memories = memories
        self._embedder = embedder
        self._texts = texts
        self._vectors = vectors
        self._weights = weights
        self._candidates = FindCandidates(
            embedder=embedder,
            texts=texts,
            vectors=vectors,
            people=people,
            clock=clock,
            on_other_space=on_other_space,
        )

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
        await self._vectors.put(user, memory.id, await self._entries(memory), space=self._embedder.name)

    async def _entries(self, memory: Memory) -> list[VectorEntry]:
        """The meaning of each passage, alone and in its context. What is the same text is understood once."""
        turns, contexts = passages_of(memory), meanings_of(memory)
        texts = list(dict.fromkeys(passage.text for passage in (*turns, *contexts)))
        vectors = dict(zip(texts, await self._embedder.embed(texts), strict=True))
        return [
            VectorEntry(turn.number, vectors[turn.text], vectors[context.text])
            for turn, context in zip(turns, contexts, strict=True)
        ]

    async def forget(self, user: UserId, memory_id: MemoryId) -> None:
        """Makes a memory unfindable; nothing happens when it is not known.

        Raises:
            TemporarilyUnavailable: an index failed.
        """
        await self._texts.delete(user, memory_id)
        await self._vectors.delete(user, memory_id)

    async def search(
        self, user: UserId, query: str, *, limit: int = 10, now: datetime | None = None
    ) -> tuple[Found, ...]:
        """The memories that fit best, best first. Where the embedder fails, words alone decide.

        Args:
            user: whose memories.
            query: any text.
            limit: memories at most.
            now: aware, in the user's zone: what "last Friday" in the query counts from.

        Raises:
            TemporarilyUnavailable: the text index or the repository failed.
        """
        found: list[Found] = []
        if limit <= 0:
            return ()
        ranked = iter(fused(await self.candidates(user, query, now=now), self._weights))
        while best := list(islice(ranked, limit - len(found))):  # once, unless one of them is gone
            kept = await self.kept(user, [scored.memory_id for scored in best])
            found += [_found(kept[scored.memory_id], scored) for scored in best if scored.memory_id in kept]
        return tuple(found)

    async def candidates(self, user: UserId, query: str, *, now: datetime | None = None) -> list[Candidate]:
        """All passages that may answer, each with what speaks for it, in no order.

        Raises:
            TemporarilyUnavailable: the text index failed.
        """
        return await self._candidates.find(user, query, now=now)

    def ranked(self, passages: Sequence[Candidate]) -> list[ScoredMemory]:
        """Candidates by memory, best first."""
        return fused(passages, self._weights)

    async def kept(self, user: UserId, memory_ids: Sequence[MemoryId]) -> dict[MemoryId, Memory]:
        """Those of some memories that are still there to be shown; those that are gone are forgotten.

        Raises:
            TemporarilyUnavailable: the repository failed.
        """
        found = {memory.id: memory for memory in await self._memories.several(user, memory_ids)}
        for memory_id in memory_ids:
            if memory_id not in found:
                with suppress(AdapterError):  # the next search tries again
                    await self.forget(user, memory_id)
        return {memory_id: memory for memory_id, memory in found.items() if not memory.discarded}


def _found(memory: Memory, scored: ScoredMemory) -> Found:
    passages = (_passage(memory, passage) for passage in scored.passages)
    shown = tuple(passage for passage in passages if passage is not None)[:_PASSAGES]
    return Found(memory=memory, score=scored.score, passages=shown)


def _passage(memory: Memory, scored: ScoredPassage) -> FoundPassage | None:
    """The passage as it is now; None where the memory has become shorter since it was indexed."""
    text = text_of(memory, scored.number)
    if text is None:
        return None
    if WHOLE < scored.number <= len(memory.segments):
        start = memory.segments[scored.number - 1].start
        return FoundPassage(number=scored.number, text=text, start=start, score=scored.score)
    return FoundPassage(number=WHOLE, text=text, start=0, score=scored.score)
