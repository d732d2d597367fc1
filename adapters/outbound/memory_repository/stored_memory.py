"""A memory as two pieces: the transcript, large and compressed, and everything else; both sealed."""

import zlib

from msgspec import structs

from adapters.outbound.codec import Codec
from adapters.outbound.keys import key_bytes
from adapters.outbound.vault.sealed_value import place_of
from domain.ids import MemoryId
from domain.memory import Memory
from domain.transcript import TranscriptSegment
from ports.errors import TemporarilyUnavailable
from ports.vault import UserKeys

_FAST = 1
"""Compression level: a third of the usual one's time for a sixth more bytes."""
_CONTENT, _SEGMENTS = b"memory", b"transcript"


class StoredMemory:
    """Takes memories apart and puts them together."""

    def __init__(self) -> None:
        self._memory = Codec(Memory, noun="memory")
        self._segments = Codec(tuple[TranscriptSegment, ...], noun="transcript")

    def pieces(self, memory: Memory, keys: UserKeys) -> tuple[bytes, bytes]:
        """Both. Raises Rejected."""
        return self.content(memory, keys), self.segments(memory, keys)

    def content(self, memory: Memory, keys: UserKeys) -> bytes:
        """Everything but the transcript. Raises Rejected."""
        content = self._memory.encode(structs.replace(memory, segments=()))
        return keys.seal(content, purpose=_place(_CONTENT, memory.id))

    def segments(self, memory: Memory, keys: UserKeys) -> bytes:
        """The transcript. Raises Rejected."""
        compressed = zlib.compress(self._segments.encode(memory.segments), _FAST)
        return keys.seal(compressed, purpose=_place(_SEGMENTS, memory.id))

    def memory(self, identifier: bytes, content: bytes, segments: bytes, *, keys: UserKeys) -> Memory:
        """The memory of two pieces. Raises TemporarilyUnavailable, NotFound."""
        try:
            transcript = zlib.decompress(keys.open(segments, purpose=place_of(_SEGMENTS, identifier)))
        except zlib.error as error:
            raise TemporarilyUnavailable("a stored transcript cannot be read: it is damaged") from error
        rest = self._memory.decode(keys.open(content, purpose=place_of(_CONTENT, identifier)))
        return structs.replace(rest, segments=self._segments.decode(transcript))


def _place(piece: bytes, memory: MemoryId) -> bytes:
    return place_of(piece, key_bytes(memory))
