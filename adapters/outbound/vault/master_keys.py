"""Master keys: what the keys of users are wrapped with."""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from adapters.outbound.storage_errors import translated
from adapters.outbound.vault import private_file
from adapters.outbound.vault.aes_gcm import KEY
from ports.errors import Rejected


class MasterKeys(Struct, frozen=True, dict=True):
    """The master keys there are, the newest last."""

    keys: tuple[bytes, ...]

    @property
    def newest(self) -> str:
        """Name of the one that wraps."""
        return list(self.by_name)[-1]

    @cached_property
    def by_name(self) -> dict[str, bytes]:
        """Name -> key, the newest last."""
        return {name_of(key): key for key in self.keys}


def name_of(key: bytes) -> str:
    """A name that tells nothing of a key but which it is."""
    return hashlib.sha256(b"omi master key\0" + key).hexdigest()[:16]


class MasterKeySource(Protocol):
    """Where master keys come from. Everything may wait for the disk."""

    place: str
    """In words."""

    def load(self) -> MasterKeys:
        """The keys there are. Raises Rejected when there are none, TemporarilyUnavailable."""
        ...

    def load_or_make(self) -> MasterKeys:
        """As `load`, but the first one is made where that is done here."""
        ...

    def add(self) -> MasterKeys:
        """Makes a newer one, where that is done here and none is newer already than what there was."""
        ...

    def drop_former(self) -> None:
        """Forgets all but the newest, where that is done here."""
        ...


class SetMasterKeys:
    """Master keys that the settings say."""

    def __init__(self, newest: str, *, former: str, port: str) -> None:
        """Keeps what it reads.

        Args:
            newest: 32 bytes in Base64.
            former: likewise, several with commas.
            port: how the settings begin.
        """
        self._newest = newest
        self._former = former
        self.place = f"{port}__MASTER_KEY"

    def load(self) -> MasterKeys:
        """The keys there are. Raises Rejected."""
        former = (key.strip() for key in self._former.split(","))
        return MasterKeys(tuple(self._read(key) for key in (*filter(None, former), self._newest)))

    load_or_make = add = load

    def drop_former(self) -> None:
        """Whoever sets the keys does so."""

    def _read(self, text: str) -> bytes:
        try:
            key = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY:
            raise Rejected(f"{self.place} is no key: expected {KEY} bytes in Base64, as of: openssl rand -base64 {KEY}")
        return key


class _File(Struct, frozen=True):
    keys: tuple[bytes, ...]


class MasterKeyFile:
    """Master keys in a file, made here."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = str(path)

    def load(self) -> MasterKeys:
        """The keys there are. Raises Rejected, TemporarilyUnavailable."""
        with translated(self._path):
            try:
                content = self._path.read_bytes()
            except FileNotFoundError as error:
                raise Rejected(f"the master key is missing: put {self._path} back") from error
        try:
            keys = msgspec.json.decode(content, type=_File).keys
        except msgspec.MsgspecError as error:
            raise Rejected(f"{self._path} holds no master key: put the file back") from error
        if not keys or any(len(key) != KEY for key in keys):
            raise Rejected(f"{self._path} holds no master key: put the file back")
        return MasterKeys(keys)

    def load_or_make(self) -> MasterKeys:
        """As `load`; makes the file where there is none. Raises Rejected, TemporarilyUnavailable."""
        with translated(self._path):
            if not self._path.exists():
                private_file.make(self._path, _written([secrets.token_bytes(KEY)]))
        return self.load()

    def add(self) -> MasterKeys:
        """A newer one, unless the last rotation has not ended. Raises Rejected, TemporarilyUnavailable."""
        keys = self.load_or_make().keys
        if len(keys) == 1:
            with translated(self._path):
                private_file.replace(self._path, _written([*keys, secrets.token_bytes(KEY)]))
        return self.load()

    def drop_former(self) -> None:
        """Forgets all but the newest. Raises Rejected, TemporarilyUnavailable."""
        keys = self.load().keys
        if len(keys) > 1:
            with translated(self._path):
                private_file.replace(self._path, _written(keys[-1:]))


def _written(keys: Iterable[bytes]) -> bytes:
    return msgspec.json.encode(_File(tuple(keys)))
