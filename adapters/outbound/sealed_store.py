"""A store around another one, which it opens and closes."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Generic, Self, TypeVar

from ports.diagnosis import Condition, Diagnosable, Diagnosis
from ports.vault import Vault

S = TypeVar("S")


class SealedStore(Generic[S]):
    """What all stores have in common that seal values on their way to another one."""

    def __init__(self, store: S, *, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        if isinstance(self._store, AbstractAsyncContextManager):
            await self._stack.enter_async_context(self._store)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def diagnose(self) -> Diagnosis:
        """How the store does that is sealed."""
        if isinstance(self._store, Diagnosable):
            return await self._store.diagnose()
        return Diagnosis(condition=Condition.WORKING, finding="sealed")
