"""OpenAI, simulated: chat completions, embeddings and the list of models. Also stands for servers of one's own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import msgspec
from anyio.abc import SocketAttribute, SocketStream

from adapters.inbound.simulators import openai_messages as messages
from adapters.inbound.simulators import openai_understanding as understanding
from adapters.inbound.simulators.http_upload import HttpAnswer, HttpRequest, HttpUpload
from adapters.inbound.simulators.openai_faults import OpenAIFault, OpenAIFaultKind, OpenAIScript

MODELS = ("gpt-5.4-mini", "text-embedding-3-small")
MOST_INPUTS = 2_048
USUAL_DIMENSIONS = 1_536

_BODY_IS_A_STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    b"connection: close\r\n\r\n"
)
_BEFORE_BREAK = 3
"""Events of a stream that breaks off."""

Faults = dict[OpenAIFaultKind, OpenAIFault]


class SimulatedOpenAI:
    """A running simulation, and what it received."""

    def __init__(self, *, key: str, script: OpenAIScript) -> None:
        self.script = script
        """What goes wrong with the requests to come. May be exchanged at any time."""
        self.requests: list[dict[str, Any]] = []
        """Bodies, in the order of coming; the list of models is not counted."""
        self.address = ""
        self._key = key

    @property
    def url(self) -> str:
        """Address with the version, for `base_url`."""
        return f"http://{self.address}/v1"

    async def serve(self, client: SocketStream) -> None:
        """Answers one request, and hangs up."""
        async with client:
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                await self._answer(client, await _received(client))

    async def _answer(self, client: SocketStream, request: HttpRequest) -> None:
        faults = self._noted(request)
        if OpenAIFaultKind.REFUSE in faults:
            return
        if OpenAIFaultKind.HANG in faults:
            await anyio.sleep_forever()
        answer = self._refusal(request, faults) or self._content(request, faults)
        if isinstance(answer, HttpAnswer):
            await client.send(b"" if OpenAIFaultKind.BREAK_OFF in faults else answer.encode())
            return
        await client.send(_BODY_IS_A_STREAM)
        for count, event in enumerate(answer, start=1):
            if OpenAIFaultKind.BREAK_OFF in faults and count > _BEFORE_BREAK:
                return
            await client.send(event)

    def _noted(self, request: HttpRequest) -> Faults:
        if request.method != "POST":
            return {}
        with suppress(msgspec.DecodeError):
            self.requests.append(msgspec.json.decode(request.body))
        return self.script.of_request(len(self.requests))

    def _refusal(self, request: HttpRequest, faults: Faults) -> HttpAnswer | None:
        if request.headers.get("authorization") != f"Bearer {self._key}":
            return messages.refused(401, "Incorrect API key provided.", code="invalid_api_key")
        demanded = faults.get(OpenAIFaultKind.HTTP_STATUS)
        if demanded is None:
            return None
        wait = {"retry-after-ms": str(demanded.retry_after_ms)} if demanded.retry_after_ms else {}
        return messages.refused(demanded.status, "scripted", code=demanded.code, headers=wait)

    def _content(self, request: HttpRequest, faults: Faults) -> HttpAnswer | Iterator[bytes]:
        try:
            return self._of_path(request, faults)
        except (msgspec.DecodeError, LookupError, TypeError, AttributeError) as error:
            return messages.refused(400, f"the request is not understood: {type(error).__name__}")

    def _of_path(self, request: HttpRequest, faults: Faults) -> HttpAnswer | Iterator[bytes]:
        match request.path.removeprefix("/v1"):
            case "/models":
                return HttpAnswer(status=200, content=messages.models(MODELS))
            case "/chat/completions":
                return _completed(msgspec.json.decode(request.body), faults)
            case "/embeddings":
                return _embedded(msgspec.json.decode(request.body))
            case path:
                return messages.refused(404, f"{path} is not simulated", code="unknown_url")


@asynccontextmanager
async def serve_openai(
    *, host: str = "127.0.0.1", port: int = 0, script: OpenAIScript | None = None, key: str = "simulated"
) -> AsyncIterator[SimulatedOpenAI]:
    """Runs a simulation until the context is left; port 0 takes a free one.

    Raises:
        OSError: the address is taken or is none.
    """
    simulation = SimulatedOpenAI(key=key, script=script or OpenAIScript())
    async with await anyio.create_tcp_listener(local_host=host, local_port=port) as listener:
        simulation.address = f"{host}:{listener.extra(SocketAttribute.local_port)}"  # noqa: S610 - not Django
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, simulation.serve)
            yield simulation
            tasks.cancel_scope.cancel()


async def _received(client: SocketStream) -> HttpRequest:
    upload = HttpUpload()
    while True:
        request = upload.feed(await client.receive())
        if request is not None:
            return request


def _completed(body: dict[str, Any], faults: Faults) -> HttpAnswer | Iterator[bytes]:
    wanted = body.get("response_format", {"type": "text"})
    problem = _problem_with(wanted, faults)
    if problem:
        return messages.refused(400, problem, code="invalid_response_format")
    text = _reply(body, wanted, faults)
    whole = _whole(text, body, faults)
    if not body.get("stream"):
        return HttpAnswer(status=200, content=whole)
    return messages.chunks(whole, include_usage=bool((body.get("stream_options") or {}).get("include_usage")))


def _problem_with(wanted: dict[str, Any], faults: Faults) -> str:
    if wanted["type"] != "text" and OpenAIFaultKind.NO_FORMAT in faults:
        return "response_format is not supported"
    if wanted["type"] != "json_schema":
        return ""
    if OpenAIFaultKind.NO_SCHEMA in faults:
        return "response_format json_schema is not supported"
    return "" if understanding.is_strict(wanted["json_schema"]["schema"]) else "the schema is not strict"


def _reply(body: dict[str, Any], wanted: dict[str, Any], faults: Faults) -> str:
    if OpenAIFaultKind.SAY in faults:
        return faults[OpenAIFaultKind.SAY].text
    texts = understanding.texts_in(body["messages"])
    schema = wanted["json_schema"]["schema"] if wanted["type"] == "json_schema" else None
    schema = schema or understanding.schema_in(body["messages"])
    if schema is None or OpenAIFaultKind.PROSE in faults:
        return understanding.prose(texts)
    return msgspec.json.encode(understanding.filled(schema, texts)).decode()


def _whole(text: str, body: dict[str, Any], faults: Faults) -> dict[str, Any]:
    content: str | None = text
    refusal, finish = None, "stop"
    if OpenAIFaultKind.REFUSAL in faults:
        content, refusal = None, "I'm sorry, I can't help with that."
    elif OpenAIFaultKind.CONTENT_FILTER in faults:
        content, finish = "", "content_filter"
    elif OpenAIFaultKind.TRUNCATED in faults:
        content, finish = text[: len(text) // 2], "length"
    used = messages.usage(str(body["messages"]), text)
    return messages.completion(model=body["model"], content=content, refusal=refusal, finish_reason=finish, used=used)


def _embedded(body: dict[str, Any]) -> HttpAnswer:
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    if not texts or len(texts) > MOST_INPUTS or not all(texts):
        return messages.refused(400, f"'$.input' is invalid: 1 to {MOST_INPUTS} texts, none empty")
    dimensions = body.get("dimensions", USUAL_DIMENSIONS)
    as_base64 = body.get("encoding_format") == "base64"
    vectors = [
        understanding.encoded(understanding.embedding(text, dimensions=dimensions), as_base64=as_base64)
        for text in texts
    ]
    words = sum(len(text.split()) for text in texts)
    return HttpAnswer(status=200, content=messages.embeddings(vectors, model=body["model"], words=words))
