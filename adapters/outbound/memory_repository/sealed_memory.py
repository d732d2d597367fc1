"""A memory, sealed: a stored memory that shows nothing but what lists are filtered by.

What was made of it is sealed as one value, which also names the chunks of its transcript and its photos. Those lie
where the store keeps transcripts and photos: a store that writes no part of these again that is there writes little
when a title changes. Memories that were sealed as one value altogether are read as well.
"""

import zlib
from typing import Any

import msgspec
from msgspec import Struct, structs

from adapters.outbound.codec import Codec
from adapters.outbound.memory_repository.sealed_lists import Chunk, OpenedList, SealedList
from adapters.outbound.vault.sealed_text import opened_bytes, sealed_bytes
from adapters.outbound.vault.sealed_value import purpose_of
from domain.ids import MemoryId, SegmentId
from domain.memory import Memory, Photo, Structure
from domain.transcript import TranscriptSegment
from ports.errors import TemporarilyUnavailable
from ports.vault import UserKeys

_CONTENT = "omi-sealed"
"""Where the sealed memory lies in what the store takes for something that an integration sent along."""
_VERSION = "omi-sealed-version"
_IN_CHUNKS = 2
"""The version that parts lists from the rest. Its contents are of another purpose: programs that know only the first
one find them damaged, and do not take the memory for one without a transcript."""
_BLANK: dict[str, Any] = {
    "structure": Structure(),
    "geolocation": None,
    "plugin_results": (),
    "coverage": None,
    "people": (),
    "topics": (),
    "postprocessing": None,
    "degraded": (),
}
_WHOLE = Codec(Memory, noun="memory")
_SEGMENTS = SealedList[TranscriptSegment](
    noun="transcript",
    encode=msgspec.msgpack.Encoder().encode,
    decode=msgspec.msgpack.Decoder(tuple[TranscriptSegment, ...]).decode,
)
_PHOTOS = SealedList[Photo](
    noun="photos", encode=msgspec.json.Encoder().encode, decode=msgspec.json.Decoder(tuple[Photo, ...]).decode
)


class _Content(Struct, frozen=True, kw_only=True):
    """What is sealed as one value."""

    memory: Memory
    """Without the lists."""
    transcript: tuple[str, ...]
    """Names of chunks, in order."""
    photos: tuple[str, ...]


_CODEC = Codec(_Content, noun="memory")


class OpenedMemory(Struct, frozen=True, kw_only=True):
    """A memory, and how it lay sealed."""

    memory: Memory
    stored: Memory
    transcript: OpenedList[TranscriptSegment] = OpenedList()
    photos: OpenedList[Photo] = OpenedList()


def sealed(memory: Memory, keys: UserKeys, *, before: OpenedMemory | None = None) -> Memory:
    """A memory to be stored.

    Args:
        memory: what is to be sealed.
        keys: of its user.
        before: what it was made of; what is still the same stays as it is sealed.

    Raises:
        Rejected: it holds text that is not valid Unicode.
    """
    was = before or OpenedMemory(memory=Memory(id=memory.id, created_at=memory.created_at), stored=memory)
    transcript = _SEGMENTS.sealed(memory.segments, memory=memory.id, keys=keys, before=was.transcript)
    photos = _PHOTOS.sealed(memory.photos, memory=memory.id, keys=keys, before=was.photos)
    content = _Content(
        memory=structs.replace(memory, segments=(), photos=()),
        transcript=tuple(chunk.name for chunk in transcript),
        photos=tuple(chunk.name for chunk in photos),
    )
    told = sealed_bytes(zlib.compress(_CODEC.encode(content), 1), keys, purpose=_purpose(memory.id))
    return structs.replace(
        memory,
        **_BLANK,
        external={_CONTENT: told, _VERSION: _IN_CHUNKS},
        # the very same lists where they are the same, so that the store can tell
        segments=was.stored.segments if transcript is was.transcript.chunks else tuple(map(_segment, transcript)),
        photos=was.stored.photos if photos is was.photos.chunks else tuple(map(_photo, photos)),
    )


def opened(stored: Memory, keys: UserKeys) -> OpenedMemory:
    """What was stored; as it is where it is not sealed.

    Raises:
        TemporarilyUnavailable: it is damaged, or a newer program sealed it.
        NotFound: its key has been erased.
        Rejected: it is sealed and there is no vault; or it is not, and the settings want nothing such.
    """
    external = stored.external or {}
    told, version = external.get(_CONTENT), external.get(_VERSION)
    if not isinstance(told, str):
        keys.open(b"", purpose=_purpose(stored.id))  # whether what is in the clear may be read is for the keys to say
        return OpenedMemory(memory=stored, stored=stored)
    if version is None:
        whole = _WHOLE.decode(_inflated(opened_bytes(told, keys, purpose=purpose_of("memory", stored.id))))
        return OpenedMemory(memory=whole, stored=stored)
    if version != _IN_CHUNKS:
        raise TemporarilyUnavailable(f"a sealed memory has version {version}; this program knows none newer than 2")
    content = _CODEC.decode(_inflated(opened_bytes(told, keys, purpose=_purpose(stored.id))))
    texts = {str(segment.id): segment.text for segment in stored.segments}
    pictures = {photo.id: photo.base64 for photo in stored.photos}
    transcript = _SEGMENTS.opened(content.transcript, texts, memory=stored.id, keys=keys)
    photos = _PHOTOS.opened(content.photos, pictures, memory=stored.id, keys=keys)
    memory = structs.replace(content.memory, segments=transcript.items, photos=photos.items)
    return OpenedMemory(memory=memory, stored=stored, transcript=transcript, photos=photos)


def _segment(chunk: Chunk) -> TranscriptSegment:
    return TranscriptSegment(id=SegmentId(chunk.name), text=chunk.sealed, start=0, end=0)


def _photo(chunk: Chunk) -> Photo:
    return Photo(id=chunk.name, base64=chunk.sealed)


def _purpose(memory: MemoryId) -> bytes:
    return purpose_of("memory in chunks", memory)


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error as error:
        raise TemporarilyUnavailable("a stored memory cannot be read: it is damaged") from error
