"""Where an index that is only a copy gets its passages from."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Protocol

from domain.ids import MemoryId, UserId
from ports.text_index import Passage


class KeptPassages(Protocol):
    """The passages of the memories that are kept. Raises TemporarilyUnavailable throughout."""

    async def of(self, user: UserId, memory_id: MemoryId) -> Sequence[Passage] | None:
        """The passages of a memory as it is now; None where there is none to find."""
        ...

    async def of_several(self, user: UserId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Sequence[Passage]]:
        """As `of`, read together; those of which there is none to find are left out."""
        ...

    def newest_first(self, user: UserId) -> AsyncGenerator[tuple[MemoryId, Sequence[Passage]], None]:
        """All memories that are to be found. One that is made meanwhile may be missed."""
        ...
