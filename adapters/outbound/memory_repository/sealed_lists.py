"""The lists of a memory, sealed in chunks, so that what stays the same of them is not sealed and written again."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from adapters.outbound.memory_repository.groups import written_groups
from adapters.outbound.vault.sealed_text import is_current_text, opened_bytes, sealed_bytes
from adapters.outbound.vault.sealed_value import purpose_of
from domain.ids import MemoryId, new_id
from ports.errors import Rejected, TemporarilyUnavailable
from ports.vault import UserKeys

T = TypeVar("T")
LARGEST = 240 * 1024
"""Bytes of a chunk before it is compressed."""
_LEVEL = 1
"""Of compression: higher ones take longer and gain little on speech."""


class Chunk(Struct, frozen=True):
    """Some of a list."""

    name: str
    """Its own: nothing else is ever sealed under it. So whoever lists names cannot be given other chunks."""
    sealed: str
    content: bytes = b""
    """What is sealed in it."""


class OpenedList(Struct, Generic[T], frozen=True):
    """A list, and how it lies sealed."""

    items: tuple[T, ...] = ()
    chunks: Sequence[Chunk] = ()


class SealedList(Generic[T]):
    """Seals lists of one type. Chunks are compressed first: what is sealed does not compress any more."""

    def __init__(self, *, noun: str, encode: Callable[[Any], bytes], decode: Callable[[bytes], Sequence[T]]) -> None:
        self._noun = noun
        self._encode = encode
        self._decode = decode

    def sealed(self, items: Sequence[T], *, memory: MemoryId, keys: UserKeys, before: OpenedList[T]) -> Sequence[Chunk]:
        """The chunks of a list.

        Args:
            items: in an order that grows at its end.
            memory: whose list it is.
            keys: of the user.
            before: the list as it was. Chunks that stay the same are not sealed again, unless with an older key; the
                very same list gives the very same chunks.

        Raises:
            Rejected: it holds text that is not valid Unicode.
        """
        known = {chunk.content: chunk for chunk in before.chunks if is_current_text(chunk.sealed, keys)}
        if items is before.items and len(known) == len(before.chunks):
            return before.chunks
        try:
            groups = list(written_groups(items, encode=self._encode, largest=LARGEST))
        except UnicodeEncodeError:
            # from None: the cause carries the text
            raise Rejected("a memory holds text that is not valid Unicode") from None
        return [known.get(group) or self._chunk(group, memory, keys) for group in groups]

    def opened(
        self, names: Sequence[str], sealed: Mapping[str, str], *, memory: MemoryId, keys: UserKeys
    ) -> OpenedList[T]:
        """The list of the chunks that have some names.

        Raises:
            TemporarilyUnavailable: one is missing, damaged or another memory's.
            NotFound: its key has been erased.
            Rejected: there is no vault.
        """
        import zstandard  # noqa: PLC0415 - comes with the stores that are sealed here; who has none goes without

        try:
            chunks = [
                Chunk(
                    name,
                    sealed[name],
                    zstandard.ZstdDecompressor().decompress(
                        opened_bytes(sealed[name], keys, purpose=self._purpose(memory, name))
                    ),
                )
                for name in names
            ]
            read = [self._decode(chunk.content) for chunk in chunks]
        except (KeyError, zstandard.ZstdError, msgspec.MsgspecError) as error:
            kind = type(error).__name__  # its message may quote what is stored
            raise TemporarilyUnavailable(f"a stored memory cannot be read ({kind})") from error
        return OpenedList(tuple(read[0]) if len(read) == 1 else tuple(item for some in read for item in some), chunks)

    def _chunk(self, content: bytes, memory: MemoryId, keys: UserKeys) -> Chunk:
        import zstandard  # noqa: PLC0415 - as above

        name = new_id()
        compressed = zstandard.ZstdCompressor(level=_LEVEL).compress(content)
        return Chunk(name, sealed_bytes(compressed, keys, purpose=self._purpose(memory, name)), content)

    def _purpose(self, memory: MemoryId, name: str) -> bytes:
        return purpose_of(f"memory {self._noun}", memory, name)
