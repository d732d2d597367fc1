"""What every text embedder does."""

import math
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from adapters.inbound.simulators.openai import serve_openai
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_embedder.minilm import MiniLMTextEmbedder
from adapters.outbound.text_embedder.openai import OpenAITextEmbedder, OpenAITextEmbedderSettings
from domain.embedding import cosine
from ports.text_embedder import TextEmbedder
from tests.contract.harness import over

LOADED = MiniLMTextEmbedder()
"""One for all tests: what is loaded does not change."""

HOSTILE = [
    "",
    " ",
    "\n\t",
    "\x00",
    '"',
    "AND",
    "NEAR(",
    "[CLS] [SEP] [PAD]",
    "🦄" * 50,
    "\ud83d",
    "你好，世界",
    "a" * 10_000,
    "word " * 2_000,
]


@asynccontextmanager
async def minilm(_folder: Path) -> AsyncIterator[TextEmbedder]:
    yield LOADED


@asynccontextmanager
async def fake(_folder: Path) -> AsyncIterator[TextEmbedder]:
    yield FakeTextEmbedder()


@asynccontextmanager
async def openai(_folder: Path) -> AsyncIterator[TextEmbedder]:
    async with serve_openai(key="a-key-for-tests") as simulation:
        settings = OpenAITextEmbedderSettings(api_key="a-key-for-tests", base_url=simulation.url)
        async with OpenAITextEmbedder(settings) as embedder:
            yield embedder


@pytest.fixture(params=over("text_embedder", {"minilm": minilm, "fake": fake, "openai": openai}))
async def embedder(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TextEmbedder]:
    async with request.param(tmp_path) as adapter:
        yield adapter


async def test_no_texts_give_no_vectors(embedder: TextEmbedder) -> None:
    assert await embedder.embed([]) == []


async def test_vectors_have_the_promised_dimension_and_unit_length(embedder: TextEmbedder) -> None:
    for vector in await embedder.embed(["The cat sleeps.", "Budget meeting on Monday at nine.", "x"]):
        values = array("f", vector)
        assert len(values) == embedder.dimension
        assert math.fsum(v * v for v in values) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
async def test_any_text_has_a_direction(embedder: TextEmbedder, text: str) -> None:
    [vector] = await embedder.embed([text])
    assert cosine(vector, vector) == pytest.approx(1, abs=1e-5)


async def test_the_order_is_that_of_the_texts_whatever_their_lengths(embedder: TextEmbedder) -> None:
    texts = [f"number {n} " + "and so on " * (n * 7 % 23) for n in range(40)]
    alone = [(await embedder.embed([text]))[0] for text in texts[:8]]
    together = await embedder.embed(texts)
    assert len(together) == len(texts)
    assert all(cosine(one, other) > 0.99999 for one, other in zip(alone, together, strict=False))


async def test_the_same_text_has_the_same_vector(embedder: TextEmbedder) -> None:
    one, other = await embedder.embed(["We sold the house.", "We sold the house."])
    assert cosine(one, other) == pytest.approx(1, abs=1e-5)


async def test_related_texts_are_nearer_than_unrelated_ones(embedder: TextEmbedder) -> None:
    question, related, unrelated = await embedder.embed(
        ["dentist appointment", "The appointment with the dentist was moved to Friday.", "Grandma bakes plum cake."]
    )
    assert cosine(question, related) > cosine(question, unrelated) + 0.1


async def test_callers_at_the_same_time_get_their_own_vectors(embedder: TextEmbedder) -> None:
    texts = ["a train to Berlin", "two pounds of apples", "the piano is out of tune"]
    expected = await embedder.embed(texts)
    found = {}

    async def ask(text: str) -> None:
        [found[text]] = await embedder.embed([text])

    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for text in texts:
                tasks.start_soon(ask, text)
    assert all(cosine(found[text], vector) > 0.99999 for text, vector in zip(texts, expected, strict=True))


async def test_a_cancelled_call_leaves_the_embedder_in_order(embedder: TextEmbedder) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await embedder.embed(["never mind"])
    assert len(await embedder.embed(["go on"])) == 1


async def test_two_vector_spaces_have_two_names() -> None:
    assert FakeTextEmbedder.name != MiniLMTextEmbedder.name
