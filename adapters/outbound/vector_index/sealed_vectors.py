"""Vectors as they lie in Redis: sealed with the keys of their user."""

from collections.abc import Sequence

from msgspec import Struct

from adapters.outbound.keys import key_bytes
from adapters.outbound.vault.sealed_value import place_of
from adapters.outbound.vector_index.packed_vectors import PackedVectors
from domain.ids import MemoryId
from ports.errors import AdapterError
from ports.vault import UserKeys

_VECTORS = b"vectors"


class SealedVectors(Struct, frozen=True):
    """Reads and writes the vectors of one user in one space."""

    keys: UserKeys
    space: str

    def sealed(self, memory_id: MemoryId, vectors: PackedVectors) -> bytes:
        """The vectors of a memory, as they are stored. Raises Rejected."""
        return self.keys.seal(vectors.packed, purpose=self._place(memory_id))

    def opened(
        self, stored: Sequence[tuple[MemoryId, bytes | None]]
    ) -> tuple[tuple[MemoryId, PackedVectors | None], ...]:
        """What is stored of memories; None where there is nothing, or what does not open: others are found still."""
        return tuple((memory_id, self._one(memory_id, content)) for memory_id, content in stored)

    def again(self, memory_id: MemoryId, stored: bytes) -> bytes | None:
        """What is stored, sealed as it would be now; None where it is. Raises as the keys do."""
        if self.keys.is_current(stored):
            return None
        purpose = self._place(memory_id)
        return self.keys.seal(self.keys.open(stored, purpose=purpose), purpose=purpose)

    def _one(self, memory_id: MemoryId, stored: bytes | None) -> PackedVectors | None:
        if stored is None:
            return None
        try:
            return PackedVectors.read(self.keys.open(stored, purpose=self._place(memory_id)))
        except AdapterError:  # damaged; or its key is erased; or the settings want nothing in the clear
            return None

    def _place(self, memory_id: MemoryId) -> bytes:
        return place_of(_VECTORS, key_bytes(self.space), key_bytes(memory_id))
