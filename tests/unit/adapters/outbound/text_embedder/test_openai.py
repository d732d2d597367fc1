"""Embeddings by OpenAI's SDK against a simulated vendor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.inbound.simulators.openai import SimulatedOpenAI, serve_openai
from adapters.inbound.simulators.openai_faults import OpenAIFault, OpenAIFaultKind, OpenAIScript
from adapters.outbound.text_embedder.openai import LONGEST_TEXT, OpenAITextEmbedder, OpenAITextEmbedderSettings
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable


@asynccontextmanager
async def embedder(*faults: OpenAIFault, **more: Any) -> AsyncIterator[tuple[OpenAITextEmbedder, SimulatedOpenAI]]:
    async with serve_openai(script=OpenAIScript(faults=faults)) as vendor:
        given: dict[str, Any] = {"api_key": "simulated", "base_url": vendor.url, "retries": 0, "dimensions": 64} | more
        async with OpenAITextEmbedder(OpenAITextEmbedderSettings(**given)) as opened:
            yield opened, vendor


def test_the_name_tells_the_space() -> None:
    spaces = {OpenAITextEmbedder(OpenAITextEmbedderSettings(dimensions=n)).name for n in (256, 512)}
    assert spaces == {"text-embedding-3-small-256", "text-embedding-3-small-512"}


async def test_vectors_are_asked_for_in_the_wanted_length_and_travel_packed() -> None:
    async with embedder() as (model, vendor):
        [vector] = await model.embed(["hello"])
    assert len(vector) == 64 * 4
    assert (vendor.requests[0]["dimensions"], vendor.requests[0]["encoding_format"]) == (64, "base64")


async def test_a_model_that_cannot_be_shortened_is_not_asked_to() -> None:
    async with embedder(model="nomic-embed-text", dimensions=1_536) as (model, vendor):
        await model.embed(["hello"])
    assert "dimensions" not in vendor.requests[0]


async def test_another_number_of_dimensions_is_told() -> None:
    async with embedder(model="nomic-embed-text", dimensions=768) as (model, _):
        with pytest.raises(Rejected, match="1536 dimensions: set OMI_TEXT_EMBEDDER__OPENAI__DIMENSIONS"):
            await model.embed(["hello"])


async def test_many_texts_go_in_several_requests_and_come_back_in_order() -> None:
    texts = [f"word{n}" for n in range(5_000)]
    async with embedder(dimensions=8) as (model, vendor):
        vectors = await model.embed(texts)
        assert [len(request["input"]) for request in vendor.requests] == [2_048, 2_048, 904]
        assert vectors[4_500:4_501] == await model.embed(texts[4_500:4_501])


async def test_a_request_holds_no_more_tokens_than_are_taken() -> None:
    async with embedder() as (model, vendor):
        await model.embed(["word " * 3_000] * 80)
    assert all(sum(len(text.encode()) for text in request["input"]) <= 300_000 for request in vendor.requests)


@pytest.mark.parametrize("text", ["é" * 10_000, "🦄" * 10_000, "a" * 100_000])
async def test_a_long_text_is_cut_where_a_character_ends(text: str) -> None:
    async with embedder() as (model, vendor):
        await model.embed([text])
    [sent] = vendor.requests[0]["input"]
    assert LONGEST_TEXT - 4 < len(sent.encode()) <= LONGEST_TEXT
    assert text.startswith(sent)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (OpenAIFault(kind=OpenAIFaultKind.HTTP_STATUS, status=429), TemporarilyUnavailable),
        (OpenAIFault(kind=OpenAIFaultKind.HTTP_STATUS, status=500), TemporarilyUnavailable),
        (OpenAIFault(kind=OpenAIFaultKind.HTTP_STATUS, status=401), Rejected),
        (OpenAIFault(kind=OpenAIFaultKind.HTTP_STATUS, status=400), Rejected),
        (OpenAIFault(kind=OpenAIFaultKind.REFUSE), TemporarilyUnavailable),
        (OpenAIFault(kind=OpenAIFaultKind.BREAK_OFF), TemporarilyUnavailable),
    ],
)
async def test_every_trouble_has_a_meaning(fault: OpenAIFault, error: type[Exception]) -> None:
    async with embedder(fault) as (model, _):
        with pytest.raises(error):
            await model.embed(["hello"])


@pytest.mark.parametrize(
    ("settings", "condition"),
    [
        ({}, Condition.WORKING),
        ({"api_key": "wrong"}, Condition.BROKEN),
        ({"base_url": "http://127.0.0.1:9/v1"}, Condition.DEGRADED),
        ({"base_url": "https://api.openai.com/v1", "api_key": ""}, Condition.BROKEN),
    ],
)
async def test_it_tells_how_it_does(settings: dict[str, Any], condition: Condition) -> None:
    async with embedder(**settings) as (model, _):
        assert (await model.diagnose()).condition is condition
