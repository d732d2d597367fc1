"""Finding what was said, by words and by meaning, by who said it and when."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import pairwise

import anyio
from msgspec import Struct

from application.fuse_hits import Candidate, Findings, ScoredMemory, ScoredPassage, Weights, candidates, fused
from application.passages import USER, WHOLE, meanings_of, passages_of, text_of
from domain.dates import Lean, TimeExpression, time_expressions
from domain.embedding import Embedding
from domain.ids import MemoryId, UserId
from domain.memory import Memory
from domain.words import words_of
from ports.clock import Clock
from ports.errors import AdapterError, NotFound, cause
from ports.memory_repository import MemoryRepository
from ports.people import People
from ports.text_embedder import TextEmbedder
from ports.text_index import Hit, TextIndex
from ports.vector_index import Near, VectorEntry, VectorIndex

_CANDIDATES = 500
"""Passages that each index is asked for."""
_LONGEST_QUERY = 4_000
"""Characters of a query that are looked at."""
_PASSAGES = 4
"""Passages that are shown of a memory."""
_MOST_TIMES = 3
"""Times that a query names and that are looked at."""
_SELF = (("did", "i"), ("have", "i"), ("i", "said"), ("i", "say"), ("i", "told"), ("i", "mention"), ("i", "mentioned"))
"""Words in a row that ask for what the user said."""


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
            on_other_space: told when a user's memories have vectors of another embedder, or none: `AskReindex` has them
                made anew.
        """
        self._memories = memories
        self._embedder = embedder
        self._texts = texts
        self._vectors = vectors
        self._people = people
        self._clock = clock
        self._weights = weights
        self._on_other_space = on_other_space

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
        for scored in fused(await self.candidates(user, query, now=now), self._weights):
            if len(found) == limit:
                break
            memory = await self.kept(user, scored.memory_id)
            if memory is not None:
                found.append(_found(memory, scored))
        return tuple(found)

    async def candidates(self, user: UserId, query: str, *, now: datetime | None = None) -> list[Candidate]:
        """All passages that may answer, each with what speaks for it, in no order.

        Raises:
            TemporarilyUnavailable: the text index failed.
        """
        query = query[:_LONGEST_QUERY]
        if not query.strip():
            return []
        times = self._times(query, now)
        lexical, memories, dated, embedding = await self._answers(user, query, times)
        near = await self._near(user, embedding, (*lexical, *dated))
        speakers = await self._speakers(user, query)
        known: Sequence[Hit] = ()
        if speakers:
            seen = {(hit.memory_id, hit.number) for hit in (*lexical, *dated)}
            places = [(one.memory_id, one.number) for one in near]
            known = await self._texts.read(user, [place for place in places if place not in seen])
        found = Findings(lexical=lexical, memories=memories, dated=dated, near=near, known=known)
        return candidates(found, query=_without(times, query), speakers=speakers)

    def ranked(self, passages: Sequence[Candidate]) -> list[ScoredMemory]:
        """Candidates by memory, best first."""
        return fused(passages, self._weights)

    async def kept(self, user: UserId, memory_id: MemoryId) -> Memory | None:
        """The memory, if there is still one to show; one that is gone is forgotten."""
        try:
            memory = await self._memories.get(user, memory_id)
        except NotFound:
            with suppress(AdapterError):  # the next search tries again
                await self.forget(user, memory_id)
            return None
        return None if memory.discarded else memory

    def _times(self, query: str, now: datetime | None) -> Sequence[TimeExpression]:
        now = now or (self._clock.now() if self._clock else None)
        return time_expressions(query, now, unclear=Lean.PAST)[:_MOST_TIMES] if now else ()

    async def _dated(self, user: UserId, times: Sequence[TimeExpression]) -> Sequence[Hit]:
        """What was said at the times that a query names."""
        found = [await self._texts.between(user, one.start, one.end, limit=_CANDIDATES) for one in times]
        return tuple(hit for hits in found for hit in hits)

    async def _answers(
        self, user: UserId, query: str, times: Sequence[TimeExpression]
    ) -> tuple[Sequence[Hit], Sequence[Hit], Sequence[Hit], Embedding | None]:
        """Turns by words, memories by words, turns by time, and the meaning of a query: asked for at once."""
        hits: dict[str, Sequence[Hit]] = {}
        meanings: list[Embedding] = []
        failures: list[AdapterError] = []

        async def note(name: str, answer: Awaitable[Sequence[Hit]]) -> None:
            hits[name] = await answer

        async def understand() -> None:
            with suppress(AdapterError):  # half an answer now is worth more than none
                meanings.extend(await self._embedder.embed([query]))

        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(note, "lexical", self._texts.search(user, query, limit=_CANDIDATES))
                tasks.start_soon(understand)
                tasks.start_soon(note, "memories", self._texts.rank_memories(user, query, limit=_CANDIDATES))
                tasks.start_soon(note, "dated", self._dated(user, times))
        except* AdapterError as group:
            failures.append(cause(group))  # what is raised in here would leave as a group
        if failures:
            raise failures[0]
        return hits["lexical"], hits["memories"], hits["dated"], meanings[0] if meanings else None

    async def _near(self, user: UserId, embedding: Embedding | None, also: Sequence[Hit]) -> Sequence[Near]:
        space = self._embedder.name
        if embedding is None:
            return ()
        try:
            places = [(hit.memory_id, hit.number) for hit in also]
            near = await self._vectors.search(user, embedding, space=space, limit=_CANDIDATES, also=places)
            if also and await self._vectors.spaces(user) != (space,):
                await self._on_other_space(user)
        except AdapterError:
            return ()
        return near

    async def _speakers(self, user: UserId, query: str) -> frozenset[str]:
        """Who of those that the user knows is named in a query."""
        words = words_of(query)
        pairs = set(pairwise(words))
        selves = [USER] if any(pair in pairs for pair in _SELF) else []
        people = await self._people.list(user) if self._people else ()
        text = " ".join(["", *(word.removesuffix("'s") for word in words), ""])
        named = [person.id for person in people if _is_named(person.name, text)]
        return frozenset([*selves, *named])


def _without(times: Sequence[TimeExpression], query: str) -> str:
    """A query without what is looked up by time: few say "last Friday" on that Friday."""
    for time in reversed(times):
        query = query[: time.first] + query[time.behind :]
    return query


def _is_named(name: str, text: str) -> bool:
    """Whether a name, or the first one of several, is among words that are set apart by spaces."""
    names = words_of(name)
    return bool(names) and (f" {' '.join(names)} " in text or f" {names[0]} " in text)


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
