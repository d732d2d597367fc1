"""A vault that notices how what is opened was sealed: for sealing anew what is not as it would be written now."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Self

from domain.ids import UserId
from ports.vault import UserKeys, Vault, VaultState


class NoticedVault:
    """Another vault, which it opens and closes. For one that reads at a time."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._stack = AsyncExitStack()
        self._opened = 0
        self._outdated = 0

    async def __aenter__(self) -> Self:
        if isinstance(self._vault, AbstractAsyncContextManager):
            await self._stack.enter_async_context(self._vault)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    def begin(self) -> None:
        """From here on it is noticed."""
        self._opened = self._outdated = 0

    def is_outdated(self, values: int) -> bool:
        """Whether one of so many values was not sealed with the newest key; one that is not opened at all is clear."""
        return self._outdated > 0 or self._opened < values

    def note(self, *, is_current: bool) -> None:
        """A value was opened."""
        self._opened += 1
        self._outdated += not is_current

    async def keys(self, user: UserId) -> UserKeys:
        """The keys of a user; see the port."""
        return _NoticedKeys(await self._vault.keys(user), self)

    async def known(self, user: UserId) -> UserKeys:
        """The keys of a user, if there are any; see the port."""
        return _NoticedKeys(await self._vault.known(user), self)

    def present(self, user: UserId) -> UserKeys | None:
        """The keys of a user, at once; see the port."""
        return self._vault.present(user)

    async def erase(self, user: UserId) -> None:
        """Forgets the keys of a user; see the port."""
        await self._vault.erase(user)

    async def count(self, user: UserId) -> int:
        """How many keys a user has."""
        return await self._vault.count(user)

    async def rotate(self) -> int:
        """Wraps all keys anew; see the port."""
        return await self._vault.rotate()

    async def state(self) -> VaultState:
        """How things stand; see the port."""
        return await self._vault.state()


class _NoticedKeys:
    """Keys that tell what they open."""

    def __init__(self, keys: UserKeys, vault: NoticedVault) -> None:
        self._keys = keys
        self._vault = vault

    def seal(self, content: bytes, *, purpose: bytes) -> bytes:
        """Seals a value; see the port."""
        return self._keys.seal(content, purpose=purpose)

    def open(self, stored: bytes, *, purpose: bytes) -> bytes:
        """Opens a value; see the port."""
        self._vault.note(is_current=self._keys.is_current(stored))
        return self._keys.open(stored, purpose=purpose)

    def is_current(self, stored: bytes) -> bool:
        """Whether a value is sealed with the key that seals now."""
        return self._keys.is_current(stored)

    def derived(self, purpose: bytes) -> UserKeys:
        """Keys for one purpose; see the port."""
        return self._keys.derived(purpose)

    def token_key(self, purpose: bytes) -> bytes | None:
        """What words are hashed with; see the port."""
        return self._keys.token_key(purpose)
