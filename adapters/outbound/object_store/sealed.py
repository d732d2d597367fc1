"""Objects of any store, sealed: recordings, photos and voices lie there as nobody can hear or see them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Self

import anyio
import anyio.to_thread

from adapters.outbound.authenticator.secret_key import secret_key
from adapters.outbound.keys import checked
from adapters.outbound.object_store import signed_links
from adapters.outbound.object_store.files import KEY_FILE
from adapters.outbound.sealed_store import SealedStore
from adapters.outbound.vault.sealed_value import purpose_of
from domain.ids import UserId
from ports.clock import Clock
from ports.errors import NotFound
from ports.object_store import LinkedObject, ObjectStore
from ports.sealing_again import Resealed
from ports.vault import Vault

_MANY = 256 * 1024
"""Bytes from which on sealing is a thread's work: a tenth of a millisecond."""


class SealedObjectStore(SealedStore[ObjectStore]):
    """Seals what goes into a store and opens what comes out of it.

    Links lead to our own server, whatever the store could do: nobody else can open what is behind them.
    """

    def __init__(self, store: ObjectStore, *, vault: Vault, data_dir: Path, clock: Clock) -> None:
        super().__init__(store, vault=vault)
        self._clock = clock
        self._key_file = data_dir / KEY_FILE
        self._secret = b""

    async def __aenter__(self) -> Self:
        self._limiter = anyio.CapacityLimiter(4)
        return await super().__aenter__()

    async def put(self, user: UserId, key: str, content: bytes) -> None:
        """Stores an object whole or not at all; replaces an earlier one. Raises TemporarilyUnavailable."""
        keys, purpose = await self._vault.keys(user), _purpose(key)
        await self._store.put(user, key, await self._worked(partial(keys.seal, content, purpose=purpose), len(content)))

    async def get(self, user: UserId, key: str) -> bytes:
        """An object. Raises NotFound, TemporarilyUnavailable."""
        stored = await self._store.get(user, key)
        keys, purpose = await self._vault.known(user), _purpose(key)
        return await self._worked(partial(keys.open, stored, purpose=purpose), len(stored))

    async def delete(self, user: UserId, key: str) -> None:
        """Removes an object; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await self._store.delete(user, key)

    async def list(self, user: UserId, prefix: str = "") -> tuple[str, ...]:
        """Keys of a user that start with a prefix, sorted. Raises TemporarilyUnavailable."""
        return await self._store.list(user, prefix)

    async def link(self, user: UserId, key: str, *, lifetime: timedelta) -> str:
        """A signed path on our own server. Raises NotFound, TemporarilyUnavailable."""
        if key not in await self._store.list(user, checked(key)):
            raise NotFound("the user has no object of this name")
        target = signed_links.target_of(user, key, until=self._clock.now() + lifetime)
        return signed_links.link(target, secret=await self._link_secret())

    async def linked(self, token: str) -> LinkedObject:
        """What a link leads to. Raises NotFound, TemporarilyUnavailable."""
        target = signed_links.target(token, secret=await self._link_secret(), now=self._clock.now())
        user, key = signed_links.place_of(target)
        return LinkedObject(key=key, content=await self.get(user, key))

    async def seal_again(self, user: UserId) -> Resealed:
        """Seals everything of a user with the key that seals now; see the port. One object at a time is in memory."""
        keys = await self._vault.keys(user)
        seen = sealed = 0
        for key in await self._store.list(user):
            with suppress(NotFound):  # removed meanwhile
                stored = await self._store.get(user, key)
                seen += 1
                if not keys.is_current(stored):
                    await self.put(user, key, await self.get(user, key))
                    sealed += 1
        return Resealed(seen, sealed)

    async def _worked(self, work: Callable[[], bytes], size: int) -> bytes:
        if size < _MANY:
            return work()
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    async def _link_secret(self) -> bytes:
        if not self._secret:
            self._secret = await anyio.to_thread.run_sync(secret_key, self._key_file, limiter=self._limiter)
        return self._secret


def _purpose(key: str) -> bytes:
    return purpose_of("object", checked(key))
