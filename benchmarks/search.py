"""What search costs: made-up memories of one user, in the embedded indexes, sealed as they are by default.

Run it with `python -m benchmarks search`. Vectors are random: where they point does not change what they cost. What a
question costs before a model is called includes its embedding by the real embedder, and reading memories from the disk.
"""

import gc
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

import anyio
import numpy as np
from msgspec import Struct

from adapters.inbound.server.server import COLLECTED_EVERY
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.memory_repository.sqlite import SqliteMemoryRepository
from adapters.outbound.text_embedder.minilm import MiniLMTextEmbedder
from adapters.outbound.text_index.sqlite import SqliteTextIndex
from adapters.outbound.vault.local import LocalVault, LocalVaultSettings
from adapters.outbound.vector_index.sqlite import SqliteVectorIndex, SqliteVectorIndexSettings
from application.questions.answer_question import AnswerQuestion
from application.questions.recall import Recall
from benchmarks.search_stages import Stages
from domain.embedding import Embedding
from domain.ids import MemoryId, SegmentId, UserId
from domain.memory import Memory, Structure
from domain.transcript import TranscriptSegment

USER = UserId("benchmark")
ASKED_AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
SIZES = (1_000, 10_000, 100_000)
"""Turns."""
TURNS = 50
"""A memory, about as many as half an hour of talk has."""
QUERIES = 100
EMBEDDED = 300
"""Turns that are embedded to see how fast that is."""


class Row(Struct, frozen=True, kw_only=True):
    """A figure."""

    turns: int
    what: str
    value: float
    unit: str


class RandomEmbedder:
    """Directions at random, in no time: what is left is the cost of search itself."""

    name = "random-384"
    dimension = 384

    def __init__(self) -> None:
        self._rng = np.random.default_rng(7)

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """A unit vector for each text."""
        vectors = self._rng.standard_normal((len(texts), self.dimension), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return [Embedding(vector.tobytes()) for vector in vectors]


class QuestionEmbedder:
    """Does the real work, for the space of the random vectors."""

    name = RandomEmbedder.name
    dimension = RandomEmbedder.dimension

    def __init__(self) -> None:
        self._model = MiniLMTextEmbedder()

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """A unit vector for each text."""
        return await self._model.embed(texts)


async def measure() -> list[Row]:
    """All figures; takes about two minutes."""
    gc.set_threshold(*COLLECTED_EVERY)  # as in the server
    rows = await _embedding()
    for turns in SIZES:
        rows += await _searching(turns)
    return rows


async def _embedding() -> list[Row]:
    embedder = MiniLMTextEmbedder()
    words = _Words()
    texts = [words.sentence() for _ in range(EMBEDDED)]
    first, _ = await _cost(lambda: embedder.embed(["load"]))
    cpu, wall = await _cost(lambda: embedder.embed(texts))
    queries = [(await _cost(lambda: embedder.embed([words.question()])))[0] for _ in range(QUERIES)]
    return [
        Row(turns=0, what="MiniLM: load and embed once", value=first * 1e3, unit="ms CPU"),
        Row(turns=EMBEDDED, what="MiniLM: embed turns", value=EMBEDDED / wall, unit="turns/s"),
        Row(turns=EMBEDDED, what="MiniLM: embed turns", value=EMBEDDED / cpu, unit="turns/s of CPU"),
        Row(turns=0, what="MiniLM: embed a query, p50", value=_at(queries, 50) * 1e3, unit="ms CPU"),
    ]


async def _searching(turns: int) -> list[Row]:
    settings = SqliteVectorIndexSettings()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        async with (
            LocalVault(LocalVaultSettings(), data_dir=path, clock=SystemClock()) as vault,
            SqliteTextIndex(path, vault=vault) as texts,
            SqliteVectorIndex(path, settings=settings) as vectors,
            SqliteMemoryRepository(path, vault=vault) as memories,
        ):
            rows = await _in_indexes(turns, path, memories, texts, vectors)
            return [*rows, *await _questions(turns, memories, texts, vectors)]


async def _questions(
    turns: int, memories: SqliteMemoryRepository, texts: SqliteTextIndex, vectors: SqliteVectorIndex
) -> list[Row]:
    """What a question costs before a model is called, all of it."""
    words, embedder = _Words(), QuestionEmbedder()
    for memory in _memories(words, turns):
        await memories.save(USER, memory)
    recall = Recall(memories=memories, embedder=embedder, texts=texts, vectors=vectors)
    answers = AnswerQuestion(recall=recall)
    rows = await _percentiles(turns, "search, with embedding", lambda: recall.search(USER, words.question()))
    rows += await _percentiles(
        turns, "question, all before the model", lambda: answers.passages(USER, words.question(), now=ASKED_AT)
    )
    stages = Stages(recall=recall, embedder=embedder, texts=texts, vectors=vectors)
    for _ in range(QUERIES):
        await stages.ask(USER, words.question(), now=ASKED_AT)
    split = [
        Row(turns=turns, what=f"of it, alone: {stage}, p50", value=value, unit="ms on the clock")
        for stage, value in stages.median().items()
    ]
    return [*rows, *split]


async def _in_indexes(
    turns: int,
    folder: Path,
    memories: SqliteMemoryRepository,
    texts: SqliteTextIndex,
    vectors: SqliteVectorIndex,
) -> list[Row]:
    words, embedder = _Words(), RandomEmbedder()
    recall = Recall(memories=memories, embedder=embedder, texts=texts, vectors=vectors)
    kept = list(_memories(words, turns))
    gc.collect()
    gc.freeze()  # a hundred thousand made-up turns in memory are the benchmark's own burden
    _, index = await _cost(lambda: _index_all(recall, kept))
    directions = iter(await embedder.embed(["somewhere"] * (QUERIES + 2)))
    cold, _ = await _cost(lambda: vectors.search(USER, next(directions), space=embedder.name))
    rows = [
        Row(turns=turns, what="index, embeddings given", value=turns / index, unit="turns/s"),
        Row(turns=turns, what="file", value=_size(folder) / turns, unit="bytes/turn"),
        Row(turns=turns, what="vectors: first search, reads all signs", value=cold * 1e3, unit="ms CPU"),
        *await _percentiles(turns, "words", lambda: texts.search(USER, words.question())),
        *await _percentiles(turns, "vectors", lambda: vectors.search(USER, next(directions), space=embedder.name)),
    ]
    replaced, _ = await _cost(lambda: recall.index(USER, kept[0]))
    deleted, _ = await _cost(lambda: recall.forget(USER, kept[1].id))
    rows.append(Row(turns=turns, what="index a memory again", value=replaced * 1e3, unit="ms CPU"))
    rows.append(Row(turns=turns, what="forget a memory", value=deleted * 1e3, unit="ms CPU"))
    return rows


async def _index_all(recall: Recall, memories: list[Memory]) -> None:
    for memory in memories:
        await recall.index(USER, memory)


async def _percentiles(turns: int, what: str, search: Callable[[], Awaitable[object]]) -> list[Row]:
    await search()
    taken = [await _cost(search) for _ in range(QUERIES)]
    processor, clock = [one[0] * 1e3 for one in taken], [one[1] * 1e3 for one in taken]
    return [
        Row(turns=turns, what=f"{what}: p{p}", value=_at(costs, p), unit=unit)
        for costs, unit in ((processor, "ms CPU"), (clock, "ms on the clock"))
        for p in (50, 95, 99)
    ]


async def _cost(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Seconds of processor, of all threads, and of the clock."""
    cpu, wall = time.process_time(), time.perf_counter()
    await work()
    return time.process_time() - cpu, time.perf_counter() - wall


def _at(costs: list[float], percent: int) -> float:
    return statistics.quantiles(costs, n=100, method="inclusive")[percent - 1]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class _Words:
    """Sentences of made-up words, as frequent as words are (Zipf), joined by the commonest real ones."""

    def __init__(self) -> None:
        self._rng = random.Random(11)
        syllables = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]
        self._vocabulary = ["".join(self._rng.choices(syllables, k=self._rng.randint(2, 4))) for _ in range(20_000)]
        self._weights = list(accumulate(1 / (rank + 20) for rank in range(len(self._vocabulary))))

    def sentence(self) -> str:
        """A turn of 5 to 35 words, every second a common one."""
        return self._mixed(self._rng.randint(5, 35))

    def question(self) -> str:
        """A question of 8 words."""
        return f"what did we say last winter about {self._mixed(8)}?"

    def _mixed(self, count: int) -> str:
        rare = self._rng.choices(self._vocabulary, cum_weights=self._weights, k=count - count // 2)
        common = self._rng.choices(["the", "and", "to", "we", "that", "it", "is", "of", "you", "in"], k=count // 2)
        mixed = rare + common
        self._rng.shuffle(mixed)
        return " ".join(mixed)


def _memories(words: _Words, turns: int) -> Iterator[Memory]:
    for number in range(turns // TURNS):
        segments = tuple(
            TranscriptSegment(id=SegmentId(str(n)), text=words.sentence(), start=n * 80_000, end=n * 80_000 + 64_000)
            for n in range(TURNS)
        )
        yield Memory(
            id=MemoryId(f"memory-{number}"),
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            structure=Structure(title=words.question(), overview=words.sentence()),
            segments=segments,
        )


def main() -> None:
    """Prints a table."""
    for row in anyio.run(measure):
        print(f"{row.turns:>8,}  {row.what:<42} {row.value:>10,.1f} {row.unit}")


if __name__ == "__main__":
    main()
