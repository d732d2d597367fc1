"""Where the time of a question goes, before a model is called: stage by stage, one after the other."""

import time
from collections import defaultdict
from datetime import datetime

from application.questions.answer_question import confidence
from application.questions.fuse_hits import Findings, candidates
from application.questions.gather_passages import gather_passages
from application.questions.recall import Recall
from benchmarks.figures import percentile
from domain.dates import Lean, time_expressions
from domain.ids import UserId
from ports.text_embedder import TextEmbedder
from ports.text_index import Hit, TextIndex
from ports.vector_index import VectorIndex

_CANDIDATES = 500
"""As many as the application asks each index for."""


class Stages:
    """Answers questions as the application does, with a clock between the steps; nothing runs at the same time."""

    def __init__(self, *, recall: Recall, embedder: TextEmbedder, texts: TextIndex, vectors: VectorIndex) -> None:
        self._recall = recall
        self._embedder = embedder
        self._texts = texts
        self._vectors = vectors
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)
        self._last = 0.0

    async def ask(self, user: UserId, query: str, *, now: datetime) -> None:
        """Takes the passages for a question together."""
        self._last = time.perf_counter()
        times = time_expressions(query, now, unclear=Lean.PAST)
        self._passed("times in the question")
        [direction] = await self._embedder.embed([query])
        self._passed("embedding the question")
        lexical = await self._texts.search(user, query, limit=_CANDIDATES)
        self._passed("turns by words")
        memories = await self._texts.rank_memories(user, query, limit=_CANDIDATES)
        self._passed("memories by words")
        dated: list[Hit] = []
        for one in times:
            dated += await self._texts.between(user, one.start, one.end, limit=_CANDIDATES)
        self._passed("turns by time")
        places = [(hit.memory_id, hit.number) for hit in (*lexical, *dated)]
        space = self._embedder.name
        near = await self._vectors.search(user, direction, space=space, limit=_CANDIDATES, also=places)
        await self._vectors.spaces(user)
        self._passed("turns by meaning")
        found = Findings(lexical=lexical, memories=memories, dated=dated, near=near)
        ranked = self._recall.ranked(candidates(found, query=query))
        self._passed("mixing")
        confidence(query, await gather_passages(self._recall, user, ranked, names={}))
        self._passed("reading and assembling passages")

    def median(self) -> dict[str, float]:
        """Milliseconds on the clock, by stage, in order."""
        return {stage: percentile(taken, 50) * 1e3 for stage, taken in self._seconds.items()}

    def _passed(self, stage: str) -> None:
        now = time.perf_counter()
        self._seconds[stage].append(now - self._last)
        self._last = now
