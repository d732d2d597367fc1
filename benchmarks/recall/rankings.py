"""Questions put to the search as it is shipped, and to the way of the original; what came first is kept."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.people.memory import InMemoryPeople
from adapters.outbound.text_index.sqlite import SqliteTextIndex
from adapters.outbound.vector_index.sqlite import SqliteVectorIndex, SqliteVectorIndexSettings
from application.questions.fuse_hits import Candidate
from application.questions.passages import WHOLE
from application.questions.recall import Recall
from benchmarks.recall.conversations import Category, Talked
from domain.ids import UserId
from domain.memory import Category as Topic
from ports.text_embedder import TextEmbedder

FEATURES = ("words", "around", "memory", "speaker", "meaning", "context", "time")
Floats = NDArray[np.float32]


class Judged(Struct, frozen=True, kw_only=True):
    """A question, all candidates for it, and which of them are right."""

    conversation: str
    category: Category
    features: Floats
    """(candidates, features), in the order of `FEATURES`."""
    is_evidence: NDArray[np.bool_]
    """(candidates,)"""
    sessions: tuple[str, ...]
    """Memory of each candidate."""
    turns_wanted: int
    """Some of them may be no candidates."""
    sessions_wanted: frozenset[str]


class Summarized(Struct, frozen=True, kw_only=True):
    """A question, and the sessions in the order of one vector each."""

    category: Category
    by_topic: tuple[str, ...]
    """Asked for by the name of a topic, as the original does."""
    by_question: tuple[str, ...]
    sessions_wanted: frozenset[str]


@asynccontextmanager
async def searching(talked: Talked, embedder: TextEmbedder) -> AsyncIterator[tuple[Recall, UserId]]:
    """The shipped search over the sessions of two people, in a folder of its own."""
    user, memories, people = UserId(talked.name), InMemoryMemoryRepository(), InMemoryPeople()
    for person in talked.people:
        await people.save(user, person)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        settings = SqliteVectorIndexSettings()
        async with SqliteTextIndex(path) as texts, SqliteVectorIndex(path, settings=settings) as vectors:
            recall = Recall(memories=memories, embedder=embedder, texts=texts, vectors=vectors, people=people)
            for memory in talked.memories:
                await memories.save(user, memory)
                await recall.index(user, memory)
            yield recall, user


async def judged(talked: Talked, embedder: TextEmbedder) -> list[Judged]:
    """All questions about a conversation, with their candidates."""
    async with searching(talked, embedder) as (recall, user):
        found = []
        for question in talked.questions:
            candidates = await recall.candidates(user, question.text, now=talked.asked_at)
            turns = [one for one in candidates if one.number != WHOLE]
            found.append(
                Judged(
                    conversation=talked.name,
                    category=question.category,
                    features=_features(turns),
                    is_evidence=np.array(
                        [(one.memory_id, one.number) in question.evidence for one in turns], dtype=bool
                    ),
                    sessions=tuple(one.memory_id for one in turns),
                    turns_wanted=len(question.evidence),
                    sessions_wanted=frozenset(session for session, _ in question.evidence),
                )
            )
        return found


async def summarized(talked: Talked, embedder: TextEmbedder) -> list[Summarized]:
    """The same questions, put the way of the original of 2024: one vector of a summary for each session."""
    summaries = {
        memory.id: talked.summaries.get(memory.id) or " ".join(segment.text for segment in memory.segments[:4])
        for memory in talked.memories
    }
    sessions = list(summaries)
    vectors = await _embedded(embedder, list(summaries.values()))
    topics = await _embedded(embedder, [topic.value.capitalize() for topic in Topic])
    questions = await _embedded(embedder, [question.text for question in talked.questions])
    found = []
    for question, vector in zip(talked.questions, questions, strict=True):
        topic = topics[int(np.argmax(topics @ vector))]
        found.append(
            Summarized(
                category=question.category,
                by_topic=_nearest(vectors, topic, sessions),
                by_question=_nearest(vectors, vector, sessions),
                sessions_wanted=frozenset(session for session, _ in question.evidence),
            )
        )
    return found


def _place(one: Candidate) -> tuple[str, int]:
    return one.memory_id, one.number


def _nearest(vectors: Floats, query: Floats, sessions: Sequence[str]) -> tuple[str, ...]:
    return tuple(sessions[place] for place in np.argsort(-(vectors @ query), kind="stable"))


async def _embedded(embedder: TextEmbedder, texts: Sequence[str]) -> Floats:
    embeddings = await embedder.embed(texts)
    return np.frombuffer(b"".join(embeddings), dtype="<f4").reshape(len(texts), embedder.dimension)


def _features(candidates: Sequence[Candidate]) -> Floats:
    rows = [[getattr(one, name) for name in FEATURES] for one in candidates]
    return np.array(rows, dtype=np.float32).reshape(len(rows), len(FEATURES))
