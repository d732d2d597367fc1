"""The shapes of OpenAI's answers, as its specification publishes them."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from adapters.inbound.simulators.http_upload import HttpAnswer
from domain.ids import new_id

CREATED = 1_767_225_600
"""Unix time that every answer bears: the same request has the same answer but for its id."""

_KINDS = {400: "invalid_request_error", 401: "invalid_request_error", 404: "invalid_request_error", 429: "requests"}
_LONGEST_PIECE = 8
"""Characters of a streamed piece."""


def refused(status: int, message: str, *, code: str = "", headers: Mapping[str, str] = {}) -> HttpAnswer:
    """An error."""
    error = {"message": message, "type": _KINDS.get(status, "server_error"), "param": None, "code": code or None}
    request_id = {"x-request-id": f"req_{new_id().replace('-', '')}"}
    return HttpAnswer(status=status, content={"error": error}, headers={**request_id, **headers})


def usage(asked: str, written: str) -> dict[str, int]:
    """Words instead of tokens."""
    read, wrote = len(asked.split()), len(written.split())
    return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}


def completion(
    *, model: str, content: str | None, refusal: str | None, finish_reason: str, used: Mapping[str, int]
) -> dict[str, Any]:
    """A reply in one piece."""
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": refusal, "annotations": []}
    return {
        "id": f"chatcmpl-{new_id()}",
        "object": "chat.completion",
        "created": CREATED,
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}],
        "usage": dict(used),
        "service_tier": "default",
        "system_fingerprint": "fp_simulated",
    }


def chunks(whole: Mapping[str, Any], *, include_usage: bool) -> Iterator[bytes]:
    """A reply as server-sent events: the role, pieces of the text, how it ended, what it used, the end."""
    choice = whole["choices"][0]
    message = choice["message"]
    deltas: list[tuple[dict[str, Any], str | None]] = [({"role": "assistant", "content": "", "refusal": None}, None)]
    field = "refusal" if message["refusal"] else "content"
    deltas += [({field: piece}, None) for piece in _pieces(message[field] or "")]
    deltas.append(({}, choice["finish_reason"]))
    shape = {name: whole[name] for name in ("id", "created", "model", "service_tier", "system_fingerprint")}
    shape |= {"object": "chat.completion.chunk"}
    more = {"usage": None} if include_usage else {}
    for delta, finish in deltas:
        parts = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
        yield _event({**shape, "choices": parts, **more})
    if include_usage:
        yield _event({**shape, "choices": [], "usage": whole["usage"]})
    yield b"data: [DONE]\n\n"


def embeddings(vectors: Sequence[str | list[float]], *, model: str, words: int) -> dict[str, Any]:
    """Vectors in the order of their texts."""
    found = [{"object": "embedding", "index": n, "embedding": vector} for n, vector in enumerate(vectors)]
    used = {"prompt_tokens": words, "total_tokens": words}
    return {"object": "list", "data": found, "model": model, "usage": used}


def models(names: Sequence[str]) -> dict[str, Any]:
    """What is offered."""
    found = [{"id": name, "object": "model", "created": CREATED, "owned_by": "simulation"} for name in names]
    return {"object": "list", "data": found}


def _pieces(text: str) -> Iterator[str]:
    words = iter(text)
    return iter(lambda: "".join(itertools.islice(words, _LONGEST_PIECE)), "")


def _event(content: object) -> bytes:
    return b"data: " + msgspec.json.encode(content) + b"\n\n"
