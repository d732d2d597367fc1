"""Values of Firestore, simulated: how they sort, how large they are, what may not be stored."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.cloud.firestore_v1.field_path import parse_field_path
from google.cloud.firestore_v1.types import document as document_types

Pb = Any
"""A message of the protocol. Its classes are made at run time: there is nothing more to say of them."""

PbDocument: Any = document_types.Document.meta.pb
PbValue: Any = document_types.Value.meta.pb

MAX_DOCUMENT = 1_048_576
"""Bytes of the largest document, its name included."""
MAX_ID = 1_500
"""Bytes of the longest identifier of a document."""
MAX_DEPTH = 20
"""Maps and arrays within each other."""

_NULL, _BOOLEAN, _NUMBER, _TIMESTAMP, _STRING, _BYTES, _REFERENCE, _POINT, _ARRAY, _MAP = range(10)
_RANKS = {
    "null_value": _NULL,
    "boolean_value": _BOOLEAN,
    "integer_value": _NUMBER,
    "double_value": _NUMBER,
    "timestamp_value": _TIMESTAMP,
    "string_value": _STRING,
    "bytes_value": _BYTES,
    "reference_value": _REFERENCE,
    "geo_point_value": _POINT,
    "array_value": _ARRAY,
    "map_value": _MAP,
}
_FIXED_SIZES = {_NULL: 1, _BOOLEAN: 1, _NUMBER: 8, _TIMESTAMP: 8, _POINT: 16}


class InvalidValue(ValueError):
    """Firestore would not store this. The message says why."""


def kind_of(value: Pb) -> str:
    """Which kind of value it is, by the name of its field."""
    return value.WhichOneof("value_type") or "null_value"


def rank_of(value: Pb) -> int:
    """Values of different ranks sort by rank, and no inequality holds between them."""
    return _RANKS[kind_of(value)]


def path_key(name: str) -> tuple[bytes, ...]:
    """What names of documents are compared by."""
    return tuple(segment.encode() for segment in name.split("/"))


def sort_key(value: Pb) -> tuple[Any, ...]:
    """What values are compared by, across all kinds."""
    rank = rank_of(value)
    return (rank, *_KEYS[rank](getattr(value, kind_of(value))))


_KEYS: dict[int, Callable[[Any], tuple[Any, ...]]] = {
    _NULL: lambda _: (),
    _BOOLEAN: lambda truth: (truth,),
    _NUMBER: lambda number: (False, 0) if math.isnan(number) else (True, number),
    _TIMESTAMP: lambda moment: (moment.seconds, moment.nanos),
    _STRING: lambda text: (text.encode(),),
    _BYTES: lambda content: (content,),
    _REFERENCE: path_key,
    _POINT: lambda point: (point.latitude, point.longitude),
    _ARRAY: lambda array: tuple(sort_key(element) for element in array.values),
    _MAP: lambda inner: tuple((name.encode(), sort_key(inner.fields[name])) for name in sorted(inner.fields)),
}
"""NaN comes before all numbers."""


def found_at(fields: Pb, path: str) -> Pb | None:
    """The value at a path of fields, such as `a.b`; None where there is none."""
    *above, last = parse_field_path(path)
    for name in above:
        if name not in fields or kind_of(fields[name]) != "map_value":
            return None
        fields = fields[name].map_value.fields
    return fields.get(last)


def put_at(fields: Pb, path: str, value: Pb | None) -> None:
    """Sets the value at a path; None removes it."""
    *above, last = parse_field_path(path)
    for name in above:
        if value is None and (name not in fields or kind_of(fields[name]) != "map_value"):
            return
        if name not in fields or kind_of(fields[name]) != "map_value":
            fields[name].map_value.SetInParent()
        fields = fields[name].map_value.fields
    if value is not None:
        fields[last].CopyFrom(value)
    elif last in fields:
        del fields[last]


def size_of_document(name: str, fields: Mapping[str, Pb]) -> int:
    """Bytes that Firestore counts for a document, as its documentation says."""
    path = name.partition("/documents/")[2]
    return 16 + sum(_text_size(segment) for segment in path.split("/")) + 32 + _size_of_fields(fields)


def _size_of_fields(fields: Mapping[str, Pb]) -> int:
    return sum(_text_size(name) + size_of(value) for name, value in fields.items())


def size_of(value: Pb) -> int:
    """Bytes that Firestore counts for a value."""
    rank = rank_of(value)
    if rank in _FIXED_SIZES:
        return _FIXED_SIZES[rank]
    if rank == _STRING:
        return _text_size(value.string_value)
    if rank == _BYTES:
        return len(value.bytes_value)
    if rank == _REFERENCE:
        return 16 + sum(_text_size(segment) for segment in value.reference_value.split("/")[5:])
    if rank == _ARRAY:
        return sum(size_of(element) for element in value.array_value.values)
    return 32 + _size_of_fields(value.map_value.fields)


def _text_size(text: str) -> int:
    return len(text.encode()) + 1


def check_document(name: str, fields: Mapping[str, Pb]) -> None:
    """Refuses what Firestore refuses.

    Raises:
        InvalidValue: with Firestore's own reason.
    """
    check_name(name)
    for field, value in fields.items():
        _check_field(field)
        _check_value(value, depth=1)
    size = size_of_document(name, fields)
    if size > MAX_DOCUMENT:
        raise InvalidValue(
            f'Document "{name}" cannot be written because its size ({size:,} bytes) '
            f"exceeds the maximum allowed size of {MAX_DOCUMENT:,} bytes."
        )


def check_name(name: str) -> None:
    """Refuses names that Firestore refuses. Raises InvalidValue."""
    segments = name.split("/")[5:]
    if not segments or len(segments) % 2:
        raise InvalidValue(f'Document name "{name}" has an odd number of path elements.')
    for segment in segments:
        reserved = segment.startswith("__") and segment.endswith("__")
        if not segment or segment in {".", ".."} or reserved or len(segment.encode()) > MAX_ID:
            raise InvalidValue(f'Resource id "{segment[:80]}" is invalid because it is reserved, empty or too long.')


def _check_field(name: str) -> None:
    reserved = name.startswith("__") and name.endswith("__") and len(name) >= 4
    if not name or reserved or len(name.encode()) > MAX_ID:
        raise InvalidValue(f'Property name "{name[:80]}" is empty, reserved or too long.')


def _check_value(value: Pb, *, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise InvalidValue(f"Nested values exceed the maximum depth of {MAX_DEPTH}.")
    kind = kind_of(value)
    if kind == "array_value":
        _check_elements(value.array_value.values, depth=depth)
    elif kind == "map_value":
        for field, inner in value.map_value.fields.items():
            _check_field(field)
            _check_value(inner, depth=depth + 1)


def _check_elements(elements: Sequence[Pb], *, depth: int) -> None:
    for element in elements:
        if kind_of(element) == "array_value":
            raise InvalidValue("Cannot convert an array value in an array value.")
        _check_value(element, depth=depth + 1)
