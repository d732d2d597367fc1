"""What a simulated model makes of a request: by rule, so that the reply is a function of what was asked."""

import base64
import re
import zlib
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from domain.embedding import normalized
from domain.words import stem, words_of

_NOTHING = "Nothing was said."
_WORDS = 12
"""That a filled string has."""
_MOST = 3
"""Entries of a filled list."""
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


def texts_in(messages: Sequence[dict[str, Any]]) -> list[str]:
    """What the model is given to read: every `text` of the JSON in the user's messages, and a line for each picture."""
    return [text for message in messages if message.get("role") == "user" for text in _texts(message.get("content"))]


def prose(texts: Sequence[str]) -> str:
    """A reply in plain text: quotes the first thing that was said, and cites it."""
    said = " ".join(" ".join(texts[:1]).split()[: 2 * _WORDS])
    return f"I read: {said} [1]" if said else _NOTHING


def filled(schema: dict[str, Any], texts: Sequence[str]) -> dict[str, Any]:
    """An object that fits a schema: strings quote, lists have an entry for each text, numbers are its index."""
    said = [text for text in texts if text.strip()]
    made = _Filling(schema.get("$defs", {}), said).value(schema, index=0, text=" ".join(said))
    return dict(made)


def schema_in(messages: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The schema that instructions show to a model that is not held to one."""
    for message in messages:
        found = _OBJECT.search(str(message.get("content"))) if message.get("role") == "system" else None
        if found is not None:
            return dict(msgspec.json.decode(found[0]))
    return None


def is_strict(schema: Any) -> bool:  # noqa: ANN401 - any part of a schema
    """Whether a schema keeps the rules of `strict`: all required, nothing more allowed, no defaults."""
    if isinstance(schema, list):
        return all(map(is_strict, schema))
    if not isinstance(schema, dict):
        return True
    if "properties" in schema:
        whole = set(schema.get("required", ())) == set(schema["properties"])
        if not whole or schema.get("additionalProperties") is not False:
            return False
        return all(map(is_strict, schema["properties"].values())) and is_strict(schema.get("$defs"))
    return "default" not in schema and all(map(is_strict, schema.values()))


def embedding(text: str, *, dimensions: int) -> bytes:
    """(dimensions,) float32 little-endian of unit length: hashed stems, so that texts with common words are near."""
    values = array("f", [0.0]) * dimensions
    values[0] = 1e-3
    for word in map(stem, words_of(text)):
        place = zlib.crc32(word.encode("utf-8", "replace"))
        values[place % dimensions] += 1.0 if place & 0x8000 else -1.0
    return normalized(values)


def encoded(vector: bytes, *, as_base64: bool) -> str | list[float]:
    """A vector as it travels."""
    return base64.b64encode(vector).decode() if as_base64 else list(array("f", vector))


class _Filling:
    def __init__(self, definitions: dict[str, Any], texts: Sequence[str]) -> None:
        self._definitions = definitions
        self._texts = texts

    def value(self, schema: dict[str, Any], *, index: int, text: str) -> Any:  # noqa: ANN401 - any JSON
        if "$ref" in schema:
            schema = self._definitions[schema["$ref"].rpartition("/")[2]]
        if "enum" in schema:
            return schema["enum"][zlib.crc32(text.encode()) % len(schema["enum"])]
        match schema.get("type"):
            case "object":
                return {n: self.value(s, index=index, text=text) for n, s in schema["properties"].items()}
            case "array":
                return self._list(schema["items"], index=index, text=text)
            case "string":
                return " ".join(text.split()[:_WORDS])
            case kind:
                return {"boolean": not text, "integer": index, "number": index}.get(str(kind))

    def _list(self, items: dict[str, Any], *, index: int, text: str) -> list[Any]:
        if items.get("type") == "integer":
            return [index] if text else []
        if items.get("type") == "string":
            return [word.strip(".,?!") for word in text.split() if word[0].isupper()][:_MOST]
        return [self.value(items, index=i, text=said) for i, said in enumerate(self._texts[:_MOST])]


def _texts(content: Any) -> Iterator[str]:  # noqa: ANN401 - text, or a list of parts
    if isinstance(content, list):
        for part in content:
            if part.get("type") == "image_url":
                yield f"A picture of {len(part['image_url']['url'])} characters."
        return
    found = _OBJECT.search(str(content))
    try:
        yield from _values(msgspec.json.decode(found[0])) if found else (str(content),)
    except msgspec.DecodeError:
        yield str(content)


def _values(node: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(node, list):
        for item in node:
            yield from _values(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from _values(value)
