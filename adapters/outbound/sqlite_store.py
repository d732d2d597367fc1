"""What the simple embedded stores are, each with the words of its port: a collection that opens and closes."""

from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from adapters.outbound.sqlite_documents import Collection, SqliteDocuments
from domain.ids import UserId
from ports.diagnosis import Diagnosis
from ports.sealing_again import Resealed
from ports.vault import Vault

T = TypeVar("T")


class SqliteStore(Generic[T]):
    """Values of one kind, in a file of their own in the folder of each user."""

    collection: Collection[T]
    """Named by the class of each store."""

    def __init__(self, data_dir: Path, *, vault: Vault | None = None) -> None:
        self._documents = SqliteDocuments(self.collection, data_dir=data_dir, vault=vault)

    async def __aenter__(self) -> Self:
        await self._documents.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._documents.__aexit__(kind, error, trace)

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals everything of a user with the key that seals now; see the port."""
        return await self._documents.seal_again(user)

    async def diagnose(self) -> Diagnosis:
        """Whether more can be stored, and whether what was stored is whole."""
        return await self._documents.diagnose()
