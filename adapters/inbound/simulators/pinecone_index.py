"""An index of Pinecone in memory: what is written, what is found, and what Pinecone refuses."""

from collections.abc import Callable, Iterator, Mapping
from math import hypot
from operator import eq, ge, gt, le, lt, mul, ne
from typing import Any

import msgspec
from msgspec import Struct

MOST_VECTORS = 1_000
LARGEST_REQUEST = 2 << 20
"""Bytes."""
LARGEST_METADATA = 40 << 10
"""Bytes."""
LONGEST_ID = 512
MOST_HITS = 10_000
_PAGE = 100

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": eq,
    "$ne": ne,
    "$gt": gt,
    "$gte": ge,
    "$lt": lt,
    "$lte": le,
    "$in": lambda found, wanted: found in wanted,
    "$nin": lambda found, wanted: found not in wanted,
}


class Refused(Exception):
    """The request is answered with a status and a reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.content = {"code": {400: 3, 401: 16, 404: 5, 409: 6}.get(status, 13), "message": reason, "details": []}


class Record(Struct, frozen=True):
    """A vector as it is stored."""

    id: str
    values: list[float]
    metadata: dict[str, Any] = {}


class SimulatedIndex:
    """Namespaces of vectors of one dimension."""

    def __init__(self, name: str, *, dimension: int, metric: str) -> None:
        self.name = name
        self.host = ""
        """Address."""
        self.namespaces: dict[str, dict[str, Record]] = {}
        self._dimension = dimension
        self._metric = metric

    def description(self) -> dict[str, Any]:
        """As the control plane tells of it."""
        vector = {"type": "dense_vector", "dimension": self._dimension, "metric": self._metric}
        return {
            "name": self.name,
            "host": self.host,
            "status": {"ready": True, "state": "Ready"},
            "schema": {"fields": {"_values": vector}},
            "deployment": {"deployment_type": "managed", "cloud": "aws", "region": "us-east-1"},
            "deletion_protection": "disabled",
            "tags": None,
        }

    def upsert(self, body: dict[str, Any]) -> dict[str, Any]:
        """Stores vectors; those of the same ids are replaced."""
        records = [self._checked(msgspec.convert(vector, Record)) for vector in body["vectors"]]
        if not 0 < len(records) <= MOST_VECTORS:
            raise Refused(400, f"a request holds 1 to {MOST_VECTORS} vectors")
        self.namespaces.setdefault(_namespace(body), {}).update({record.id: record for record in records})
        return {"upsertedCount": len(records)}

    def query(self, body: dict[str, Any]) -> dict[str, Any]:
        """The nearest vectors, best first."""
        query, wanted = body["vector"], body.get("filter") or {}
        self._require_dimension(query)
        if not 0 < body["topK"] <= MOST_HITS:
            raise Refused(400, f"topK is 1 to {MOST_HITS}")
        kept = self.namespaces.get(_namespace(body), {}).values()
        hits = [(self._score(query, record.values), record) for record in kept if matches(record.metadata, wanted)]
        hits.sort(key=lambda hit: -hit[0])
        found = [_match(score, record, body) for score, record in hits[: body["topK"]]]
        return {"matches": found, "namespace": _namespace(body), "usage": {"readUnits": 1}}

    def fetch(self, ids: list[str], namespace: str) -> dict[str, Any]:
        """Vectors by their ids."""
        kept = self.namespaces.get(namespace, {})
        return {"vectors": {name: kept[name] for name in ids if name in kept}, "namespace": namespace}

    def delete(self, body: dict[str, Any]) -> dict[str, Any]:
        """Removes vectors by ids, by a filter, or all of them."""
        kept = self.namespaces.get(_namespace(body))
        if kept is None:
            raise Refused(404, "Namespace not found")
        if len(body.get("ids") or ()) > MOST_VECTORS:
            raise Refused(400, f"a request deletes at most {MOST_VECTORS} ids")
        wanted = body.get("filter")
        for name, record in tuple(kept.items()):
            by_filter = wanted is not None and matches(record.metadata, wanted)
            if body.get("deleteAll") or name in (body.get("ids") or ()) or by_filter:
                del kept[name]
        return {}

    def ids(self, options: Mapping[str, str]) -> dict[str, Any]:
        """A page of ids that begin with a prefix."""
        kept = sorted(self.namespaces.get(options.get("namespace", ""), {}))
        wanted = [name for name in kept if name.startswith(options.get("prefix", ""))]
        start, limit = int(options.get("paginationToken", "0")), int(options.get("limit", _PAGE))
        page = {"vectors": [{"id": name} for name in wanted[start : start + limit]]}
        more = {"pagination": {"next": str(start + limit)}} if len(wanted) > start + limit else {}
        return {**page, **more, "namespace": options.get("namespace", ""), "usage": {"readUnits": 1}}

    def listed(self, options: Mapping[str, str]) -> dict[str, Any]:
        """A page of namespaces whose names begin with a prefix. Counts are texts, as those of JSON from gRPC are."""
        names = [name for name in sorted(self.namespaces) if name.startswith(options.get("prefix", ""))]
        start, limit = int(options.get("paginationToken", "0")), int(options.get("limit", _PAGE))
        page = [self.namespace(name) for name in names[start : start + limit]]
        more = {"pagination": {"next": str(start + limit)}} if len(names) > start + limit else {}
        return {"namespaces": page, **more, "total_count": len(names)}

    def namespace(self, name: str) -> dict[str, Any]:
        """What is known of a namespace."""
        if name not in self.namespaces:
            raise Refused(404, "Namespace not found")
        return {"name": name, "record_count": str(len(self.namespaces[name]))}

    def delete_namespace(self, name: str) -> dict[str, Any]:
        """Removes a namespace with all that is in it."""
        self.namespace(name)
        del self.namespaces[name]
        return {}

    def _checked(self, record: Record) -> Record:
        self._require_dimension(record.values)
        if not record.id or len(record.id) > LONGEST_ID or not record.id.isascii():
            raise Refused(400, "Vector ID must be ASCII, and 1 to 512 characters long")
        if not any(record.values):
            raise Refused(400, "Dense vectors must contain at least one non-zero value")
        if len(msgspec.json.encode(record.metadata)) > LARGEST_METADATA:
            raise Refused(400, "Metadata size exceeds the limit of 40960 bytes per vector")
        if not all(map(_is_metadata, record.metadata.values())):
            raise Refused(400, "Metadata value must be a string, number, boolean or list of strings")
        return record

    def _require_dimension(self, values: list[float]) -> None:
        if len(values) != self._dimension:
            told = f"Vector dimension {len(values)} does not match the dimension of the index {self._dimension}"
            raise Refused(400, told)

    def _score(self, left: list[float], right: list[float]) -> float:
        product = float(sum(map(mul, left, right)))
        return product / (hypot(*left) * hypot(*right)) if self._metric == "cosine" else product


def matches(metadata: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether metadata passes a filter."""
    return all(_passes(metadata, name, condition) for name, condition in wanted.items())


def _passes(metadata: Mapping[str, Any], name: str, condition: Any) -> bool:  # noqa: ANN401 - JSON
    if name == "$and":
        return all(matches(metadata, part) for part in condition)
    if name == "$or":
        return any(matches(metadata, part) for part in condition)
    return all(_compares(metadata.get(name), *one) for one in _conditions(condition))


def _conditions(condition: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON
    yield from condition.items() if isinstance(condition, dict) else [("$eq", condition)]


def _compares(found: Any, operator: str, wanted: Any) -> bool:  # noqa: ANN401 - JSON
    if operator == "$exists":
        return (found is not None) is wanted
    if operator not in _COMPARISONS:
        raise Refused(400, f"illegal condition, {operator} is no operator")
    if isinstance(found, list):
        return any(_COMPARISONS[operator](one, wanted) for one in found)
    if found is None:
        return operator in {"$ne", "$nin"}
    return _COMPARISONS[operator](found, wanted)


def _is_metadata(value: object) -> bool:
    return isinstance(value, str | int | float) or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _namespace(body: Mapping[str, Any]) -> str:
    return str(body.get("namespace", ""))


def _match(score: float, record: Record, body: Mapping[str, Any]) -> dict[str, Any]:
    values = {"values": record.values} if body.get("includeValues") else {}
    metadata = {"metadata": record.metadata} if body.get("includeMetadata") else {}
    return {"id": record.id, "score": score, **values, **metadata}
