"""AES-256-GCM: the package `cryptography` where it is installed, else the OpenSSL that Python itself uses."""

import hmac
from collections.abc import Callable
from typing import Protocol

from adapters.outbound.vault.libcrypto import LibcryptoAesGcm

KEY, NONCE, TAG = 32, 12, 16
"""Bytes."""


class AesGcm(Protocol):
    """A key that encrypts and authenticates."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Ciphertext and tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """What was encrypted. Raises one of `NOT_AUTHENTIC`."""
        ...


aes_gcm: Callable[[bytes], AesGcm]
"""A cipher for a key of 32 bytes. Raises Rejected where nothing can encrypt."""
NOT_AUTHENTIC: tuple[type[Exception], ...]
"""How a cipher says that what it is given was changed, or encrypted with another key."""

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ModuleNotFoundError:
    aes_gcm, NOT_AUTHENTIC = LibcryptoAesGcm, (ValueError,)
else:
    aes_gcm, NOT_AUTHENTIC = AESGCM, (InvalidTag, ValueError)


def derived_key(key: bytes, *, purpose: bytes) -> bytes:
    """32 bytes for one purpose, of which nobody finds the key: HKDF-SHA256 (RFC 5869) without salt."""
    pseudorandom = hmac.digest(bytes(KEY), key, "sha256")
    return hmac.digest(pseudorandom, purpose + b"\x01", "sha256")
