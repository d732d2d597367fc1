"""The numbers inside a model that onnxruntime has compiled (an `.ort` file, a flatbuffer).

Only what is needed to get at weights by name is read. What the slots mean is laid down in onnxruntime's schema
`ort.fbs`, whose slots never change their meaning.
"""

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_FLOAT = 1
"""`TensorDataType.FLOAT`."""
_SESSION_MODEL = 1
_MODEL_GRAPH = 7
_GRAPH_INITIALIZERS, _GRAPH_NODES = 0, 2
_NODE_ATTRIBUTES = 10
_ATTRIBUTE_GRAPH = 7
_TENSOR_NAME, _TENSOR_SHAPE, _TENSOR_KIND, _TENSOR_CONTENT = 0, 2, 3, 4


def float_tensors(model: bytes) -> dict[str, Floats]:
    """The constant float tensors of a model, those of the branches of its conditions included, by name."""
    (root,) = struct.unpack_from("<I", model)
    session = _Table(model, root)
    return {
        tensor.text(_TENSOR_NAME): _floats(tensor)
        for tensor in _tensors(session)
        if tensor.number(_TENSOR_KIND) == _FLOAT
    }


def _tensors(session: "_Table") -> Iterator["_Table"]:
    graphs = [graph for model in session.child(_SESSION_MODEL) for graph in model.child(_MODEL_GRAPH)]
    while graphs:
        graph = graphs.pop()
        yield from graph.children(_GRAPH_INITIALIZERS)
        for node in graph.children(_GRAPH_NODES):
            for attribute in node.children(_NODE_ATTRIBUTES):
                graphs += attribute.child(_ATTRIBUTE_GRAPH)


def _floats(tensor: "_Table") -> Floats:
    shape = np.frombuffer(tensor.vector(_TENSOR_SHAPE, width=8), "<i8")
    return np.frombuffer(tensor.vector(_TENSOR_CONTENT, width=1), "<f4").reshape(shape)


class _Table:
    """A flatbuffer table: fields by slot, each of which may be absent."""

    def __init__(self, content: bytes, position: int) -> None:
        self._content = content
        self._position = position

    def child(self, slot: int) -> "list[_Table]":
        """The table in a slot: one, or none."""
        at = self._field(slot)
        return [] if at is None else [_Table(self._content, at + self._unsigned(at))]

    def children(self, slot: int) -> "list[_Table]":
        """The tables in a slot."""
        entries = np.frombuffer(self.vector(slot, width=4), "<u4")
        start = self._start(slot)
        return [_Table(self._content, start + 4 * i + int(entry)) for i, entry in enumerate(entries)]

    def vector(self, slot: int, *, width: int) -> bytes:
        """The entries in a slot, each so many bytes wide, one behind the other."""
        if self._field(slot) is None:
            return b""
        start = self._start(slot)
        return self._content[start : start + width * self._unsigned(start - 4)]

    def text(self, slot: int) -> str:
        """The text in a slot."""
        return self.vector(slot, width=1).decode()

    def number(self, slot: int) -> int:
        """The 32-bit number in a slot; 0 where there is none."""
        at = self._field(slot)
        return 0 if at is None else int.from_bytes(self._content[at : at + 4], "little", signed=True)

    def _start(self, slot: int) -> int:
        at = self._field(slot)
        return 0 if at is None else at + self._unsigned(at) + 4

    def _field(self, slot: int) -> int | None:
        (back,) = struct.unpack_from("<i", self._content, self._position)
        layout = self._position - back
        entry = 4 + 2 * slot
        if entry >= struct.unpack_from("<H", self._content, layout)[0]:
            return None
        (offset,) = struct.unpack_from("<H", self._content, layout + entry)
        return self._position + offset if offset else None

    def _unsigned(self, at: int) -> int:
        return int.from_bytes(self._content[at : at + 4], "little")
