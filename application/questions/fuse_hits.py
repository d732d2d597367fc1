"""What the words say of a passage, what its meaning says, who said it and when: as one score."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from application.questions.passages import WHOLE
from domain.ids import MemoryId
from domain.words import coverage
from ports.text_index import TEXTS, Hit, Place
from ports.vector_index import Near


class Weights(Struct, frozen=True, kw_only=True):
    """What counts how much. Tuned on conversations of LoCoMo, by hand; `make recall` fits others to compare."""

    words: float = 1.0
    """BM25 of the turn, divided by the best one."""
    around: float = 0.7
    """BM25 of the turns before and behind it, likewise."""
    memory: float = 0.7
    """BM25 of all that was said in the memory, likewise."""
    speaker: float = 0.6
    """The query names who said it."""
    meaning: float = 0.6
    """Cosine of the turn, stretched over the candidates."""
    context: float = 0.9
    """Cosine of the turn with what was said around it, likewise."""
    time: float = 1.0
    """It was said when the query says."""


class Findings(Struct, frozen=True, kw_only=True):
    """What the indexes answered."""

    lexical: Sequence[Hit] = ()
    memories: Sequence[Hit] = ()
    """Memories by all their words."""
    dated: Sequence[Hit] = ()
    """Passages of the times that the query names."""
    near: Sequence[Near] = ()
    known: Sequence[Hit] = ()
    """Passages of `near` that were looked up for their speakers."""


class Candidate(Struct, frozen=True, kw_only=True, gc=False):
    """A passage and what speaks for it. All but `nearness` compares within one answer only."""

    memory_id: MemoryId
    number: int
    words: float
    around: float
    memory: float
    speaker: float
    meaning: float
    context: float
    time: float
    nearness: float
    """The better one of its cosines as it is: compares between answers."""

    def score(self, weights: Weights) -> float:
        """All of it in one number; higher is better."""
        return (
            weights.words * self.words
            + weights.around * self.around
            + weights.memory * self.memory
            + weights.speaker * self.speaker
            + weights.meaning * self.meaning
            + weights.context * self.context
            + weights.time * self.time
        )


class ScoredPassage(Struct, frozen=True, gc=False):
    """A passage and how well it fits."""

    number: int
    score: float
    nearness: float = 0.0
    """As of `Candidate`."""
    is_dated: bool = False
    """It was said when the query says."""


class ScoredMemory(Struct, frozen=True):
    """A memory and its passages, best first."""

    memory_id: MemoryId
    score: float
    """That of the best passage."""
    passages: tuple[ScoredPassage, ...]


def candidates(found: Findings, *, query: str, speakers: Collection[str] = ()) -> list[Candidate]:
    """All passages that were found in any way, each with what speaks for it.

    Scores are mixed, not ranks: ranks forget by how much a passage is better. Those of words are divided by the best
    one; cosines are stretched over what was found, because only their differences mean something. Where even the best
    passage has few of the query's words, words weigh less: one in common is often chance.
    """
    trust = _trust(found.lexical, query)
    words, memories = _shares(found.lexical, trust=trust), _shares(found.memories, trust=trust)
    near = {(one.memory_id, one.number): one for one in found.near}
    meaning = dict(zip(near, _stretched([one.score for one in near.values()]), strict=True))
    context = dict(zip(near, _stretched([one.context for one in near.values()]), strict=True))
    named = _said_by(speakers, (*found.known, *found.lexical, *found.dated)) if speakers else frozenset()
    dated = {_place(hit) for hit in found.dated}
    around = _around(words)
    return [
        Candidate(
            memory_id=place[0],
            number=place[1],
            words=words.get(place, 0.0),
            around=around.get(place, 0.0),
            memory=memories.get((place[0], WHOLE), 0.0),
            speaker=float(place in named),
            meaning=meaning.get(place, 0.0),
            context=context.get(place, 0.0),
            time=float(place in dated),
            nearness=max(one.score, one.context) if (one := near.get(place)) else 0.0,
        )
        for place in words.keys() | near.keys() | dated
    ]


def fused(passages: Sequence[Candidate], weights: Weights = Weights()) -> list[ScoredMemory]:  # noqa: B008 - frozen
    """Memories with their passages, best first."""
    scored: defaultdict[MemoryId, list[ScoredPassage]] = defaultdict(list)
    for one in passages:
        scored[one.memory_id].append(ScoredPassage(one.number, one.score(weights), one.nearness, one.time > 0))
    found = [_memory(memory_id, kept) for memory_id, kept in scored.items()]
    return sorted(found, key=lambda memory: (-memory.score, memory.memory_id))


def _memory(memory_id: MemoryId, passages: list[ScoredPassage]) -> ScoredMemory:
    if len(passages) > 1:
        passages.sort(key=lambda passage: (-passage.score, passage.number))
    return ScoredMemory(memory_id, passages[0].score, tuple(passages))


def _place(hit: Hit) -> Place:
    return hit.memory_id, hit.number


def _around(words: Mapping[Place, float]) -> dict[Place, float]:
    """What the words of the turns before and behind say; the memory as a whole has no neighbors."""
    sums: defaultdict[Place, float] = defaultdict(float)
    for (memory_id, number), share in words.items():
        if number != WHOLE:
            sums[memory_id, number + 1] += share
            if number - 1 != WHOLE:
                sums[memory_id, number - 1] += share
    best = max(sums.values(), default=0.0)
    scale = max(words.values(), default=0.0) / best if best > 0 else 0.0
    return {place: scale * total for place, total in sums.items()}


def _shares(hits: Sequence[Hit], *, trust: float) -> dict[Place, float]:
    best = max((hit.score for hit in hits), default=0.0)
    return {_place(hit): trust * hit.score / best for hit in hits} if best > 0 else {}


def _trust(hits: Sequence[Hit], query: str) -> float:
    """The largest part of the query's words that one of the best passages has; 1 where the index keeps no text."""
    return max((coverage(hit.text, query=query) if hit.text else 1.0 for hit in hits[:TEXTS]), default=0.0)


def _said_by(speakers: Collection[str], hits: Iterable[Hit]) -> frozenset[Place]:
    """Passages of some speakers."""
    return frozenset(_place(hit) for hit in hits if hit.speaker in speakers)


def _stretched(cosines: Sequence[float]) -> list[float]:
    worst = min(cosines, default=0.0)
    span = max(cosines, default=0.0) - worst
    return [(cosine - worst) / span if span > 0 else 1.0 for cosine in cosines]
