"""The simulation is true to the vendor: by the shapes that are published, and by the vendor's own SDK."""

import base64
import json
from array import array
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import msgspec
import pytest
from openai import APIConnectionError, AsyncOpenAI, AuthenticationError, BadRequestError, RateLimitError
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from adapters.inbound.simulators.openai import SimulatedOpenAI, serve_openai
from adapters.inbound.simulators.openai_faults import (
    OpenAIFault,
    OpenAIFaultKind,
    OpenAIScript,
    read_openai_script,
)

HEADERS = {"Authorization": "Bearer simulated"}
SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "kind": {"enum": ["a", "b"], "type": "string"},
        "due": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}},
    },
    "required": ["title", "kind", "due", "items"],
    "additionalProperties": False,
    "$defs": {
        "Item": {
            "type": "object",
            "properties": {"text": {"type": "string"}, "segments": {"type": "array", "items": {"type": "integer"}}},
            "required": ["text", "segments"],
            "additionalProperties": False,
        }
    },
}
STRICT = {"type": "json_schema", "json_schema": {"name": "thing", "strict": True, "schema": SCHEMA}}


@asynccontextmanager
async def sdk(*faults: OpenAIFault, retries: int = 0) -> AsyncIterator[tuple[AsyncOpenAI, SimulatedOpenAI]]:
    async with AsyncExitStack() as stack:
        vendor = await stack.enter_async_context(serve_openai(script=OpenAIScript(faults=faults)))
        client = AsyncOpenAI(api_key="simulated", base_url=vendor.url, max_retries=retries)
        yield await stack.enter_async_context(client), vendor


async def post(vendor: SimulatedOpenAI, path: str, body: Any, **more: Any) -> httpx.Response:
    async with httpx.AsyncClient(headers=HEADERS) as client:
        return await client.post(f"{vendor.url}{path}", json=body, **more)


def chat(text: str, **more: Any) -> dict[str, Any]:
    content = f"<data>\n{json.dumps({'transcript': [{'i': 0, 'text': text}]})}\n</data>"
    return {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": content}], **more}


async def test_an_answer_is_what_the_sdk_expects_strictly() -> None:
    async with serve_openai() as vendor:
        answer = await post(vendor, "/chat/completions", chat("We met in Lisbon."))
        ChatCompletion.model_validate(answer.json(), strict=True)
        vectors = await post(vendor, "/embeddings", {"model": "m", "input": "hello", "encoding_format": "float"})
        CreateEmbeddingResponse.model_validate(vectors.json(), strict=True)


async def test_a_stream_is_what_the_sdk_expects_strictly() -> None:
    async with serve_openai() as vendor:
        body = chat("We met in Lisbon.", stream=True, stream_options={"include_usage": True})
        answer = await post(vendor, "/chat/completions", body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    *events, last = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert last == "[DONE]"
    chunks = [ChatCompletionChunk.model_validate(json.loads(event), strict=True) for event in events]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert (chunks[-1].choices, chunks[-1].usage is None) == ([], False)


async def test_a_schema_is_kept_and_filled_with_what_was_asked() -> None:
    async with sdk() as (client, _):
        made = await client.chat.completions.create(**chat("We met in Lisbon."), response_format=STRICT)
    filled = json.loads(made.choices[0].message.content or "")
    assert filled["title"] == "We met in Lisbon."
    assert filled["items"] == [{"text": "We met in Lisbon.", "segments": [0]}]
    assert filled["due"] is None


async def test_the_same_request_has_the_same_answer() -> None:
    async with sdk() as (client, _):
        made = [await client.chat.completions.create(**chat("One."), response_format=STRICT) for _ in range(2)]
    assert made[0].choices == made[1].choices


async def test_a_schema_that_is_not_strict_is_refused() -> None:
    loose = {**SCHEMA, "required": ["title"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "thing", "strict": True, "schema": loose}}
    async with sdk() as (client, _):
        with pytest.raises(BadRequestError):
            await client.chat.completions.create(**chat("One."), response_format=wanted)


async def test_vectors_travel_packed_if_that_is_asked_for() -> None:
    async with serve_openai() as vendor:
        body = {"model": "m", "input": ["hello", "other"], "dimensions": 16, "encoding_format": "base64"}
        answer = (await post(vendor, "/embeddings", body)).json()
    vectors = [array("f", base64.b64decode(entry["embedding"])) for entry in answer["data"]]
    assert [len(vector) for vector in vectors] == [16, 16]
    assert [entry["index"] for entry in answer["data"]] == [0, 1]


@pytest.mark.parametrize("texts", [[], [""], ["x"] * 2_049])
async def test_texts_that_openai_refuses_are_refused(texts: list[str]) -> None:
    async with serve_openai() as vendor:
        assert (await post(vendor, "/embeddings", {"model": "m", "input": texts})).status_code == 400


async def test_the_sdk_reads_its_errors() -> None:
    async with sdk(OpenAIFault(kind=OpenAIFaultKind.HTTP_STATUS, status=429, code="insufficient_quota")) as (client, _):
        with pytest.raises(RateLimitError) as told:
            await client.chat.completions.create(**chat("One."))
    assert told.value.code == "insufficient_quota"
    assert told.value.request_id


async def test_a_key_is_asked_for() -> None:
    async with serve_openai(key="right") as vendor, AsyncOpenAI(api_key="wrong", base_url=vendor.url) as client:
        with pytest.raises(AuthenticationError):
            await client.models.list()


async def test_the_sdk_waits_as_it_is_told_and_tries_again() -> None:
    busy = OpenAIFault(kind=OpenAIFaultKind.HTTP_STATUS, status=429, retry_after_ms=10, requests=(1,))
    async with sdk(busy, retries=1) as (client, vendor):
        await client.chat.completions.create(**chat("One."))
    assert len(vendor.requests) == 2


@pytest.mark.parametrize("kind", [OpenAIFaultKind.REFUSE, OpenAIFaultKind.BREAK_OFF])
async def test_a_connection_can_break(kind: OpenAIFaultKind) -> None:
    async with sdk(OpenAIFault(kind=kind)) as (client, _):
        with pytest.raises(APIConnectionError):
            await client.chat.completions.create(**chat("One."))


async def test_a_request_can_hang() -> None:
    async with sdk(OpenAIFault(kind=OpenAIFaultKind.HANG)) as (client, vendor):
        with anyio.move_on_after(0.2) as scope:
            await client.chat.completions.create(**chat("One."))
    assert scope.cancelled_caught
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("body", ["", "no", "{}", '{"messages": 1}', '{"model": "m", "messages": [1]}', "[]"])
async def test_a_request_that_is_none_is_refused(body: str) -> None:
    async with serve_openai() as vendor, httpx.AsyncClient(headers=HEADERS) as client:
        answer = await client.post(f"{vendor.url}/chat/completions", content=body)
        assert answer.status_code == 400
        assert (await client.get(f"{vendor.url}/nothing")).status_code == 404
        assert (await client.get(f"{vendor.url}/models")).json()["data"]


def test_a_script_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "script.toml"
    file.write_text('[[faults]]\nkind = "http_status"\nstatus = 429\nretry_after_ms = 50\nrequests = [1, 2]\n')
    [fault] = read_openai_script(file).of_request(2).values()
    assert (fault.status, fault.retry_after_ms) == (429, 50)
    assert read_openai_script(file).of_request(3) == {}
    file.write_text('[[faults]]\nkind = "boredom"\n')
    with pytest.raises(msgspec.ValidationError, match="boredom"):
        read_openai_script(file)
