"""Everything that may answer a query: one question to each index, at once."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import pairwise

import anyio

from application.questions.fuse_hits import Candidate, Findings, candidates
from application.questions.missing_meanings import are_meanings_missing
from application.questions.passages import USER
from domain.dates import Lean, TimeExpression, time_expressions
from domain.embedding import Embedding
from domain.ids import UserId
from domain.words import words_of
from ports.clock import Clock
from ports.errors import AdapterError, cause
from ports.people import People
from ports.text_embedder import TextEmbedder
from ports.text_index import Hit, TextIndex
from ports.vector_index import Near, VectorIndex

_CANDIDATES = 500
"""Passages that each index is asked for."""
_LONGEST_QUERY = 4_000
"""Characters of a query that are looked at."""
_MOST_TIMES = 3
"""Times that a query names and that are looked at."""
_SELF = (("did", "i"), ("have", "i"), ("i", "said"), ("i", "say"), ("i", "told"), ("i", "mention"), ("i", "mentioned"))
"""Words in a row that ask for what the user said."""


class FindCandidates:
    """Asks the indexes, and puts their answers together."""

    def __init__(
        self,
        *,
        embedder: TextEmbedder,
        texts: TextIndex,
        vectors: VectorIndex,
        people: People | None,
        clock: Clock | None,
        on_other_space: Callable[[UserId], Awaitable[None]],
    ) -> None:
        self._embedder = embedder
        self._texts = texts
        self._vectors = vectors
        self._people = people
        self._clock = clock
        self._on_other_space = on_other_space

    async def find(self, user: UserId, query: str, *, now: datetime | None = None) -> list[Candidate]:
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
        await self._look_for_missing_meanings(user, (*lexical, *dated), near)
        speakers = await self._speakers(user, query)
        known: Sequence[Hit] = ()
        if speakers:
            seen = {(hit.memory_id, hit.number) for hit in (*lexical, *dated)}
            places = [(one.memory_id, one.number) for one in near]
            known = await self._texts.read(user, [place for place in places if place not in seen])
        found = Findings(lexical=lexical, memories=memories, dated=dated, near=near, known=known)
        return candidates(found, query=_without(times, query), speakers=speakers)

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
        if embedding is None:
            return ()
        places = [(hit.memory_id, hit.number) for hit in also]
        near: list[Near] = []

        async def search() -> None:
            with suppress(AdapterError):
                space = self._embedder.name
                near.extend(await self._vectors.search(user, embedding, space=space, limit=_CANDIDATES, also=places))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(search)
            if also:
                tasks.start_soon(self._look_for_other_spaces, user)
        return near

    async def _look_for_other_spaces(self, user: UserId) -> None:
        with suppress(AdapterError):
            if await self._vectors.spaces(user) != (self._embedder.name,):
                await self._on_other_space(user)

    async def _look_for_missing_meanings(self, user: UserId, hits: Sequence[Hit], near: Sequence[Near]) -> None:
        with suppress(AdapterError):
            if self._clock is not None and are_meanings_missing(hits, near, now=self._clock.now()):
                await self._on_other_space(user)

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
