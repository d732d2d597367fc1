"""Keys of one user that are at hand: sealing and opening."""

import os
from collections.abc import Mapping
from typing import Literal

from adapters.outbound.vault.aes_gcm import NONCE, NOT_AUTHENTIC, AesGcm, derived_key
from adapters.outbound.vault.sealed_value import BEGINNING, HEAD, OVERHEAD, context, is_sealed
from ports.errors import NotFound, Rejected, TemporarilyUnavailable

Clear = Literal["read", "refuse"]
"""What becomes of values that are not sealed: those of earlier versions, or somebody else's."""
_TOKENS = b"tokens\0"
_DERIVED = b"derived\0"


class RingKeys:
    """All keys of a user; the newest that is in use seals, any of them opens what it has sealed."""

    def __init__(self, user: bytes, *, keys: Mapping[bytes, bytes], newest: bytes, clear: Clear) -> None:
        """Keeps the keys.

        Args:
            user: who they are of.
            keys: name -> key, the oldest first.
            newest: name of the one that seals.
            clear: what becomes of values that are not sealed.
        """
        self._user = user
        self._keys = keys
        self._newest = newest
        self._clear = clear
        self._context = context(user)
        self._ciphers: dict[bytes, AesGcm] = {}
        self._head = BEGINNING + newest
        self._associated = self._head + self._context
        self._sealing = AesGcm(keys[newest])

    def seal(self, content: bytes, *, purpose: bytes) -> bytes:
        """Seals a value; see the port."""
        nonce = os.urandom(NONCE)
        return self._head + nonce + self._sealing.encrypt(nonce, content, self._associated + purpose)

    def open(self, stored: bytes, *, purpose: bytes) -> bytes:
        """Opens a value; see the port."""
        if not is_sealed(stored):
            return opened_clear(stored, clear=self._clear)
        head = bytes(stored[:HEAD])
        if not head.startswith(BEGINNING) or len(stored) < OVERHEAD:
            raise TemporarilyUnavailable("a sealed value cannot be opened: it is damaged, or of a newer program")
        cipher = self._sealing if head == self._head else self._cipher(head[len(BEGINNING) :])
        nonce, rest = stored[HEAD : HEAD + NONCE], stored[HEAD + NONCE :]
        try:
            return cipher.decrypt(nonce, rest, head + self._context + purpose)
        except NOT_AUTHENTIC as error:
            raise TemporarilyUnavailable(
                "a sealed value cannot be opened: it was changed, or it belongs to another user or place"
            ) from error

    def is_current(self, stored: bytes) -> bool:
        """Whether a value is sealed with the key that seals now."""
        return bytes(stored[:HEAD]) == self._head

    def derived(self, purpose: bytes) -> "RingKeys":
        """Keys for one purpose; see the port."""
        keys = {name: derived_key(key, purpose=_DERIVED + purpose) for name, key in self._keys.items()}
        return RingKeys(self._user, keys=keys, newest=self._newest, clear=self._clear)

    def token_key(self, purpose: bytes) -> bytes | None:
        """Of the oldest key: it stays when there are newer ones."""
        return derived_key(next(iter(self._keys.values())), purpose=_TOKENS + purpose)

    def _cipher(self, name: bytes) -> AesGcm:
        found = self._ciphers.get(name)
        if found is None:
            if name not in self._keys:
                raise erased()
            found = self._ciphers[name] = AesGcm(self._keys[name])
        return found


class NoKeys:
    """Of a user who has none, or none any more."""

    def __init__(self, *, clear: Clear) -> None:
        self._clear = clear

    def seal(self, content: bytes, *, purpose: bytes) -> bytes:
        """Refuses. Raises Rejected."""
        del content, purpose
        raise Rejected("this user has no keys to seal with")

    def open(self, stored: bytes, *, purpose: bytes) -> bytes:
        """What was never sealed. Raises NotFound."""
        del purpose
        if is_sealed(stored):
            raise erased()
        return opened_clear(stored, clear=self._clear)

    def is_current(self, stored: bytes) -> bool:
        """Whether a value is as it would be written now: nothing is written."""
        del stored
        return False

    def derived(self, purpose: bytes) -> "NoKeys":
        """Still none."""
        del purpose
        return self

    def token_key(self, purpose: bytes) -> bytes | None:
        """None."""
        del purpose
        return None


def opened_clear(stored: bytes, *, clear: Clear) -> bytes:
    """A value that is not sealed. Raises Rejected where the settings want nothing such."""
    if clear == "refuse":
        raise Rejected("a stored value is not sealed, and CLEAR_VALUES of the vault says to refuse that")
    return stored


def erased() -> NotFound:
    """The error for a value that nobody can read any more."""
    return NotFound("the key that this was sealed with has been erased, or is another user's")
