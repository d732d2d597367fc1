"""Text embeddings behind OpenAI's protocol: OpenAI's own, and servers that offer the same."""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import anyio
import msgspec
from msgspec import Struct

from adapters.outbound import openai_api
from adapters.outbound.openai_api import OPENAI_URL, AsyncOpenAI, OpenAIError
from adapters.outbound.secret import Secret
from domain.embedding import Embedding, normalized
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

KEY_SETTING = "OMI_TEXT_EMBEDDER__OPENAI__API_KEY"
DIMENSIONS_SETTING = "OMI_TEXT_EMBEDDER__OPENAI__DIMENSIONS"
WHO = "the embeddings' server"

MOST_TEXTS = 2_048
"""In one request."""
MOST_BYTES = 300_000
"""In one request: it takes as many tokens, and a token has a byte at least."""
LONGEST_TEXT = 8_191
"""Bytes, for the same reason; what is beyond is cut off."""

_SHORTENED = "text-embedding-3"
"""Models whose vectors can be had shorter. Others refuse to be asked."""
_DIAGNOSIS_SECONDS = 4.0


class OpenAITextEmbedderSettings(Struct, frozen=True, kw_only=True):
    """How a server that speaks OpenAI's protocol is used for embeddings."""

    api_key: Secret = ""
    """Servers of one's own need none."""
    base_url: str = OPENAI_URL
    """With the version, as in `http://127.0.0.1:11434/v1`."""
    model: str = "text-embedding-3-small"
    dimensions: int = 512
    """Of a vector. Another number is another space: what was embedded before has to be embedded anew."""
    organization: str = ""
    timeout: float = 20.0
    """Seconds for one request."""
    retries: int = 2
    """Further attempts of a request after an overload or a lost connection."""


class OpenAITextEmbedder:
    """Has texts embedded by a server that speaks OpenAI's protocol."""

    def __init__(self, settings: OpenAITextEmbedderSettings) -> None:
        self._settings = settings
        self._client: AsyncOpenAI
        self.name = f"{settings.model}-{settings.dimensions}"
        self.dimension = settings.dimensions

    async def __aenter__(self) -> "OpenAITextEmbedder":
        self._client = openai_api.client(self._settings)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """One vector a text; see the port.

        Raises:
            Rejected: the key, the model or the number of dimensions is wrong.
            TemporarilyUnavailable: it cannot be reached, or is overloaded.
        """
        openai_api.require_key(self._settings, key_setting=KEY_SETTING)
        return [vector for batch in _batches(texts) for vector in await self._embedded(batch)]

    async def diagnose(self) -> Diagnosis:
        """Has a word embedded."""
        try:
            with anyio.fail_after(_DIAGNOSIS_SECONDS):
                await self.embed(["hello"])
        except Rejected as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=f"set {KEY_SETTING}")
        except (AdapterError, TimeoutError) as error:
            finding = str(error) or f"{WHO} did not answer within {_DIAGNOSIS_SECONDS:g} s"
            return Diagnosis(condition=Condition.DEGRADED, finding=finding, remedy="check the network and the address")
        return Diagnosis(condition=Condition.WORKING, finding=f"{self.name} embeds")

    async def _embedded(self, batch: Sequence[str]) -> list[Embedding]:
        model = self._settings.model
        shorter: dict[str, Any] = {"dimensions": self.dimension} if model.startswith(_SHORTENED) else {}
        try:
            response = await self._client.embeddings.create(model=model, input=list(batch), **shorter)
            found = msgspec.convert(response, _Response, from_attributes=True).data
        except (OpenAIError, ValueError) as error:
            raise openai_api.failure(error, who=WHO, key_setting=KEY_SETTING) from None
        if len(found) != len(batch):
            raise TemporarilyUnavailable(f"{WHO} gave {len(found)} vectors for {len(batch)} texts")
        return [self._vector(entry.embedding) for entry in sorted(found, key=lambda entry: entry.index)]

    def _vector(self, values: list[float]) -> Embedding:
        if len(values) != self.dimension:
            raise Rejected(
                f"{self._settings.model} gives vectors of {len(values)} dimensions: set {DIMENSIONS_SETTING} to that"
            )
        try:
            return normalized(array("f", values))
        except ValueError as error:
            raise TemporarilyUnavailable(f"{WHO} gave a vector without a direction") from error


class _Entry(Struct, frozen=True):
    index: int
    embedding: list[float]


class _Response(Struct, frozen=True):
    data: list[_Entry]


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in map(_acceptable, texts):
        length = len(text.encode())
        if batch and (len(batch) == MOST_TEXTS or size + length > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += length
    if batch:
        yield batch


def _acceptable(text: str) -> str:
    """Cut where a character ends, without half surrogate pairs, and never empty: servers refuse those."""
    return text.encode("utf-8", "replace")[:LONGEST_TEXT].decode("utf-8", "ignore") or " "
