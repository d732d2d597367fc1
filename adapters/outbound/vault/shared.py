"""A vault for many servers: wrapped keys in the key-value store that they share, the master key in the settings."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Self

from msgspec import Struct

from adapters.outbound.keys import file_name, key_bytes
from adapters.outbound.secret import Secret
from adapters.outbound.vault.key_ring import KeyRing, read, state_of, written
from adapters.outbound.vault.master_keys import MasterKeys, SetMasterKeys
from adapters.outbound.vault.opened_rings import BEGINS, OpenedRings
from adapters.outbound.vault.user_keys import Clear, NoKeys, RingKeys
from domain.ids import UserId
from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, NotFound
from ports.key_value_store import KeyValueStore
from ports.vault import UserKeys, VaultState

_RINGS = "vault:rings:"


class SharedVaultSettings(Struct, frozen=True, kw_only=True):
    """What all servers are told alike."""

    master_key: Secret = ""
    """32 bytes in Base64."""
    former_master_keys: Secret = ""
    """Those that were set before, with commas, until `omi keys rotate` has ended."""
    clear_values: Clear = "read"
    """Whether values are read that are not sealed, as earlier versions wrote them."""


class SharedVault:
    """A ring of keys for each user, a value each. Losing the store is losing all that is sealed: have it backed up."""

    def __init__(self, settings: SharedVaultSettings, *, store: KeyValueStore, clock: Clock) -> None:
        """Keeps what it works with.

        Args:
            settings: the master key.
            store: a key-value store of its own, which it opens and closes.
            clock: for when keys begin to seal.
        """
        self._settings = settings
        self._store = store
        self._clock = clock
        self._opened = OpenedRings(clock)
        self._masters: MasterKeys

    async def __aenter__(self) -> Self:
        settings = self._settings
        source = SetMasterKeys(settings.master_key, former=settings.former_master_keys, port="OMI_VAULT__SHARED")
        self._masters = source.load()
        self._stack = AsyncExitStack()
        if isinstance(self._store, AbstractAsyncContextManager):
            await self._stack.enter_async_context(self._store)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.clear()
        await self._stack.aclose()

    async def keys(self, user: UserId) -> UserKeys:
        """The keys of a user; see the port."""
        return self._opened.get(user) or await self._found(user) or await self._made(user)

    async def known(self, user: UserId) -> UserKeys:
        """The keys of a user, if there are any; see the port."""
        return self._opened.get(user) or await self._found(user) or NoKeys(clear=self._settings.clear_values)

    def present(self, user: UserId) -> UserKeys | None:
        """The keys of a user, where somebody has waited for them."""
        return self._opened.last(user)

    async def erase(self, user: UserId) -> None:
        """Forgets the keys of a user; see the port."""
        await self._store.delete(_key(file_name(user)))
        self._opened.forget(user)

    async def count(self, user: UserId) -> int:
        """How many keys a user has."""
        ring = await self._ring(file_name(user))
        return len(ring.keys) if ring else 0

    async def rotate(self) -> int:
        """Wraps all keys anew; see the port. Once all servers have the new master key, the former may be taken out."""
        renewed = 0
        since = self._clock.now() + timedelta(seconds=BEGINS)
        for owner in await self._owners():
            ring = await self._ring(owner)
            if ring is not None and ring.master != self._masters.newest:
                await self._store.put(_key(owner), written(ring.renewed(self._masters, since=since)))
                renewed += 1
        return renewed

    async def state(self) -> VaultState:
        """How things stand; see the port."""
        rings = [ring for owner in await self._owners() if (ring := await self._ring(owner)) is not None]
        for ring in rings[:1]:
            ring.unwrapped(self._masters)
        place = "wrapped keys in the key-value store, master key in OMI_VAULT__SHARED__MASTER_KEY"
        return state_of(rings, masters=self._masters, kept_in=place)

    async def diagnose(self) -> Diagnosis:
        """Whether the store answers, and whether the master key is the right one."""
        try:
            state = await self.state()
        except AdapterError as error:
            remedy = "look at the key-value store, and at OMI_VAULT__SHARED__MASTER_KEY"
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=remedy)
        return Diagnosis(condition=Condition.WORKING, finding=f"keys of {state.users} users, {state.kept_in}")

    async def _owners(self) -> list[str]:
        return [key.removeprefix(_RINGS) for key in await self._store.keys(_RINGS)]

    async def _ring(self, owner: str) -> KeyRing | None:
        kept = await self._store.get(_key(owner))
        return None if kept is None else read(kept)

    async def _found(self, user: UserId) -> RingKeys | None:
        ring = await self._ring(file_name(user))
        return None if ring is None else self._open(user, ring)

    async def _made(self, user: UserId) -> RingKeys:
        owner = file_name(user)
        ring = KeyRing.first(owner, masters=self._masters, now=self._clock.now())
        await self._store.put_if_absent(_key(owner), written(ring))
        found = await self._found(user)
        if found is None:
            raise NotFound("the keys of this user have just been erased")
        return found

    def _open(self, user: UserId, ring: KeyRing) -> RingKeys:
        now, clear = self._clock.now(), self._settings.clear_values
        return self._opened.put(user, ring.opened(key_bytes(user), masters=self._masters, now=now, clear=clear))


def _key(owner: str) -> str:
    return _RINGS + owner
