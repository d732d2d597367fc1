"""The keys of one user as they are kept: wrapped."""

import os
import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct, structs

from adapters.outbound.vault.aes_gcm import KEY, NONCE, NOT_AUTHENTIC, AesGcm
from adapters.outbound.vault.master_keys import MasterKeys
from adapters.outbound.vault.sealed_value import KEY_NAME
from adapters.outbound.vault.user_keys import Clear, RingKeys
from ports.errors import Rejected, TemporarilyUnavailable
from ports.vault import VaultState

_PURPOSE = b"omi data key\0"


class WrappedKey(Struct, frozen=True, kw_only=True):
    """A key that says nothing without the master key."""

    name: bytes
    wrapped: bytes
    """Nonce, ciphertext, tag."""
    since: datetime
    """When it begins to seal: later than it is made, so that every server knows it by then."""


class KeyRing(Struct, frozen=True, kw_only=True):
    """All keys of a user."""

    owner: str
    """Hash of the user."""
    master: str
    """Name of the master key that they are wrapped with."""
    keys: tuple[WrappedKey, ...]
    """The oldest first."""

    @classmethod
    def first(cls, owner: str, *, masters: MasterKeys, now: datetime) -> "KeyRing":
        """A ring with one new key."""
        return cls(owner=owner, master=masters.newest, keys=()).renewed(masters, since=now)

    def renewed(self, masters: MasterKeys, *, since: datetime) -> "KeyRing":
        """The ring with all keys wrapped with the newest master key, and one new key. Raises Rejected."""
        ring = self.rewrapped(masters)
        name = secrets.token_bytes(KEY_NAME)
        while any(name == key.name for key in ring.keys):
            name = secrets.token_bytes(KEY_NAME)
        new = WrappedKey(name=name, wrapped=self._wrapped(masters, name, secrets.token_bytes(KEY)), since=since)
        return structs.replace(ring, keys=(*ring.keys, new))

    def rewrapped(self, masters: MasterKeys) -> "KeyRing":
        """The ring with all keys wrapped with the newest master key. Raises Rejected."""
        if self.master == masters.newest:
            return self
        bare = self.unwrapped(masters)
        keys = (structs.replace(key, wrapped=self._wrapped(masters, key.name, bare[key.name])) for key in self.keys)
        return structs.replace(self, master=masters.newest, keys=tuple(keys))

    def opened(self, user: bytes, *, masters: MasterKeys, now: datetime, clear: Clear) -> RingKeys:
        """The keys at hand; the newest one that has begun seals. Raises Rejected."""
        newest = [key.name for key in self.keys if key.since <= now] or [self.keys[0].name]
        return RingKeys(user, keys=self.unwrapped(masters), newest=newest[-1], clear=clear)

    def unwrapped(self, masters: MasterKeys) -> dict[bytes, bytes]:
        """Name -> key, the oldest first. Raises Rejected without the master key."""
        master = masters.by_name.get(self.master)
        if master is None:
            raise Rejected(f"keys of users are wrapped with the master key {self.master}, which is not here")
        cipher = AesGcm(master)
        try:
            return {
                key.name: cipher.decrypt(key.wrapped[:NONCE], key.wrapped[NONCE:], self._associated(key.name))
                for key in self.keys
            }
        except NOT_AUTHENTIC as error:
            raise Rejected("the keys of a user are damaged, or another user's: restore them from a backup") from error

    def _wrapped(self, masters: MasterKeys, name: bytes, key: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + AesGcm(masters.keys[-1]).encrypt(nonce, key, self._associated(name))

    def _associated(self, name: bytes) -> bytes:
        return _PURPOSE + self.owner.encode() + name


def written(ring: KeyRing) -> bytes:
    """A ring as it is kept."""
    return msgspec.json.encode(ring)


def read(content: bytes) -> KeyRing:
    """The ring that was kept. Raises TemporarilyUnavailable when it is damaged."""
    try:
        ring = msgspec.json.decode(content, type=KeyRing)
    except msgspec.MsgspecError as error:
        raise TemporarilyUnavailable("the keys of a user cannot be read: restore them from a backup") from error
    if not ring.keys:
        raise TemporarilyUnavailable("the keys of a user are missing: restore them from a backup")
    return ring


def state_of(rings: Sequence[KeyRing], *, masters: MasterKeys, kept_in: str) -> VaultState:
    """How things stand with some rings."""
    return VaultState(
        users=len(rings),
        data_keys=sum(len(ring.keys) for ring in rings),
        to_rewrap=sum(ring.master != masters.newest for ring in rings),
        oldest=min((ring.keys[-1].since for ring in rings), default=None),
        newest=max((ring.keys[-1].since for ring in rings), default=None),
        master=masters.newest,
        kept_in=kept_in,
    )
