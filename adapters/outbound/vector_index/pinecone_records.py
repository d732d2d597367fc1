"""Entries as records of Pinecone: one for a passage, found by the mean of both meanings, which are told apart again.

The product of a query with the mean of a passage's vector and its context's is the mean of both cosines, which is what
is sorted by. Half their difference lies in the metadata, at half precision: with it the two cosines follow.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import numpy as np
from numpy.typing import NDArray

from adapters.outbound.keys import key_bytes, key_text
from domain.embedding import Embedding
from domain.ids import MemoryId, UserId
from ports.errors import Rejected
from ports.vector_index import Near, VectorEntry

PASSAGE = "p"
"""The kind of a record: the meaning of a passage."""
MEMORY, NUMBER, PLACE, WRITTEN, APART, NAME = "m", "n", "p", "t", "d", "name"
"""Metadata: the memory as it stands in the id, the passage, the id, when it was written (seconds since 1970), half the
difference of the two vectors, and the memory's name where the id does not hold it."""
_LONGEST = 160
"""Characters of a name within an id or a namespace; ids have 512 at most."""
_DIGITS = 7
Floats = NDArray[np.float32]


def written(name: str) -> str:
    """A name as plain characters, without `#`; a hash of a long one."""
    plain = quote(key_bytes(name), safe="")
    return plain if len(plain) <= _LONGEST else "=" + hashlib.sha256(key_bytes(name)).hexdigest()


def namespace(user: UserId, space: str) -> str:
    """Where the vectors of a user in a space lie. Raises Rejected when the space cannot be read from it again."""
    name = written(space)
    if name.startswith("="):
        raise Rejected(f"a space has a name of at most {_LONGEST} plain characters")
    return beginning(user) + name


def beginning(user: UserId) -> str:
    """What all namespaces of a user begin with, and no others."""
    return written(user) + "#"


def space_of(name: str) -> str:
    """The space that a namespace is for."""
    return key_text(unquote_to_bytes(name.rpartition("#")[2]))


def record_id(memory_id: MemoryId, number: int) -> str:
    """The id of a passage."""
    return f"{written(memory_id)}#{PASSAGE}#{number}"


def records(memory_id: MemoryId, entries: Sequence[VectorEntry], *, at: int) -> list[dict[str, Any]]:
    """What is stored for a memory. Raises Rejected when the dimensions differ."""
    return [_record(memory_id, entry, at) for entry in entries]


def dimension_of(entries: Sequence[VectorEntry]) -> int:
    """The one dimension of all vectors. Raises Rejected when there are several."""
    vectors = (vector for entry in entries for vector in (entry.embedding, entry.context or entry.embedding))
    sizes = sorted({len(vector) // 4 for vector in vectors})
    if len(sizes) > 1:
        raise Rejected(f"vectors of {' and '.join(map(str, sizes))} dimensions do not mix")
    return sizes[0]


def values(vector: Floats) -> list[float]:
    """As they travel: without digits that mean nothing."""
    return list(np.round(vector.astype(np.float64), _DIGITS).tolist())


def floats(embedding: Embedding) -> Floats:
    """As numbers: (dimension,)."""
    return np.frombuffer(embedding, dtype="<f4")


def near(score: float, metadata: dict[str, Any], query: Floats) -> Near:
    """What was found: the mean of both cosines, parted again."""
    apart = 0.0
    if APART in metadata:
        apart = float(np.frombuffer(base64.b64decode(metadata[APART]), dtype="<f2").astype(np.float32) @ query)
    name = metadata.get(NAME, metadata[MEMORY])
    return Near(MemoryId(key_text(unquote_to_bytes(name))), int(metadata[NUMBER]), score + apart, score - apart)


def _record(memory_id: MemoryId, entry: VectorEntry, at: int) -> dict[str, Any]:
    one, other = floats(entry.embedding), floats(entry.context or entry.embedding)
    name, place = written(memory_id), record_id(memory_id, entry.number)
    metadata: dict[str, Any] = {MEMORY: name, NUMBER: entry.number, PLACE: place, WRITTEN: at}
    if entry.context is not None:
        half = ((one - other) / 2).astype("<f2")
        metadata[APART] = base64.b64encode(half.tobytes()).decode()
    if name.startswith("="):
        metadata[NAME] = quote(key_bytes(memory_id), safe="")
    mean = ((one + other) / 2).astype(np.float32)
    if not mean.any():  # a passage and its context that mean the opposite; Pinecone takes no vector of zeros
        mean = (one * 1e-6).astype(np.float32)
    return {"id": place, "values": values(mean), "metadata": metadata}
