"""AES-256-GCM, and keys that follow from keys."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY, NONCE, TAG = 32, 12, 16
"""Bytes."""

AesGcm = AESGCM
"""A cipher for a key of 32 bytes."""
NOT_AUTHENTIC = (InvalidTag, ValueError)
"""How a cipher says that what it is given was changed, or encrypted with another key."""


def derived_key(key: bytes, *, purpose: bytes) -> bytes:
    """32 bytes for one purpose, of which nobody finds the key (RFC 5869, without salt)."""
    return HKDF(algorithm=SHA256(), length=KEY, salt=None, info=purpose).derive(key)
