"""Objects in files."""

import os
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio
import anyio.to_thread

from adapters.outbound.authenticator.secret_key import secret_key
from adapters.outbound.clock.system import SystemClock
from adapters.outbound.keys import checked
from adapters.outbound.object_store import signed_links, stored_object
from adapters.outbound.storage_diagnosis import diagnosed
from adapters.outbound.storage_errors import translated
from adapters.outbound.user_folder import user_folder
from domain.ids import UserId
from ports.clock import Clock
from ports.diagnosis import Diagnosis
from ports.errors import NotFound
from ports.object_store import LinkedObject

FOLDER = "objects"
KEY_FILE = "objects.key"
"""In it is what links are signed with. Removing it ends all links."""
_THREADS = 8
_KEYS_REMEMBERED = 20_000


class FileObjectStore:
    """Objects that stay: a file each, below the folder of the user. Keys of more than 1,000 characters are Rejected."""

    def __init__(self, data_dir: Path, clock: Clock | None = None) -> None:
        self._data_dir = data_dir
        self._clock = clock or SystemClock()
        self._secret = b""
        # a file's name is the hash of its key, so what was read once stays true
        self._key_of = lru_cache(_KEYS_REMEMBERED)(stored_object.key_of)

    async def __aenter__(self) -> Self:
        self._limiter = anyio.CapacityLimiter(_THREADS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._key_of.cache_clear()

    async def put(self, user: UserId, key: str, content: bytes) -> None:
        """Stores an object whole or not at all; replaces an earlier one. Raises TemporarilyUnavailable."""
        await anyio.to_thread.run_sync(
            partial(self._put, self._folder(user), checked(key), content), limiter=self._limiter
        )

    async def get(self, user: UserId, key: str) -> bytes:
        """An object. Raises NotFound, TemporarilyUnavailable."""
        path = stored_object.place(self._folder(user), checked(key))
        return await anyio.to_thread.run_sync(partial(self._get, path), limiter=self._limiter)

    async def delete(self, user: UserId, key: str) -> None:
        """Removes an object; nothing happens when there is none. Raises TemporarilyUnavailable."""
        await anyio.to_thread.run_sync(partial(self._delete, self._folder(user), checked(key)), limiter=self._limiter)

    async def list(self, user: UserId, prefix: str = "") -> tuple[str, ...]:
        """Keys of a user that start with a prefix, sorted. Raises TemporarilyUnavailable."""
        keys = await anyio.to_thread.run_sync(partial(self._keys, self._folder(user)), limiter=self._limiter)
        return tuple(sorted(key for key in keys if key.startswith(prefix)))

    async def link(self, user: UserId, key: str, *, lifetime: timedelta) -> str:
        """A signed path on our own server. Raises NotFound, TemporarilyUnavailable."""
        path = stored_object.place(self._folder(user), checked(key))
        await anyio.to_thread.run_sync(partial(self._require, path), limiter=self._limiter)
        target = signed_links.target_of(user, key, until=self._clock.now() + lifetime)
        return signed_links.link(target, secret=await self._link_secret())

    async def linked(self, token: str) -> LinkedObject:
        """What a link leads to. Raises NotFound, TemporarilyUnavailable."""
        target = signed_links.target(token, secret=await self._link_secret(), now=self._clock.now())
        user, key = signed_links.place_of(target)
        return LinkedObject(key=key, content=await self.get(user, key))

    async def diagnose(self) -> Diagnosis:
        """Whether more objects can be stored."""
        return await diagnosed(self._data_dir)

    async def _link_secret(self) -> bytes:
        if not self._secret:
            self._secret = await anyio.to_thread.run_sync(secret_key, self._data_dir / KEY_FILE, limiter=self._limiter)
        return self._secret

    def _folder(self, user: UserId) -> Path:
        return user_folder(self._data_dir, user) / FOLDER

    def _put(self, folder: Path, key: str, content: bytes) -> None:
        with translated(folder):
            stored_object.write(folder, key, content)

    def _get(self, path: Path) -> bytes:
        with translated(path):
            try:
                return stored_object.read(path)
            except FileNotFoundError as error:
                raise NotFound("the user has no object of this name") from error

    def _require(self, path: Path) -> None:
        with translated(path):
            if not path.is_file():
                raise NotFound("the user has no object of this name")

    def _delete(self, folder: Path, key: str) -> None:
        with translated(folder):
            stored_object.remove(folder, key)

    def _keys(self, folder: Path) -> set[str]:
        keys: set[str] = set()
        with translated(folder):
            if not folder.is_dir():
                return keys
            with os.scandir(folder) as entries:
                paths = [Path(entry.path) for entry in entries if stored_object.is_place(entry.name)]
            for path in paths:
                with suppress(FileNotFoundError):  # removed while we looked
                    keys.add(self._key_of(path))
        return keys
