"""Encryption by user, as earlier backends did it: whoever has the database but not the secret reads no transcript."""

import base64
import binascii
import os
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ports.errors import Rejected, TemporarilyUnavailable

_NONCE = 12
_TAG = 16
_KEY = 32
_PURPOSE = b"user-data-encryption"


class Protection(StrEnum):
    """Who can read what is stored, in the words of earlier backends."""

    STANDARD = "standard"
    """Whoever can read the database."""
    ENHANCED = "enhanced"
    """Only who has the secret, too."""


class UserCipher(Protocol):
    """Encrypts what belongs to a user."""

    def encrypt(self, user: str, content: bytes) -> bytes:
        """The content, sealed. Raises Rejected when there is no secret."""
        ...

    def decrypt(self, user: str, sealed: bytes) -> bytes:
        """What was sealed. Raises Rejected without the secret, TemporarilyUnavailable when it does not open it."""
        ...


class AesGcmUserCipher:
    """AES-256-GCM with a key for each user: HKDF-SHA256 of the secret, salted with the user's id."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._key = lru_cache(maxsize=1024)(self._derived)

    def encrypt(self, user: str, content: bytes) -> bytes:
        """Nonce (12 bytes), ciphertext, tag (16 bytes)."""
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self._key(user)).encrypt(nonce, content, None)

    def decrypt(self, user: str, sealed: bytes) -> bytes:
        """What was sealed. Raises TemporarilyUnavailable when it was sealed with another secret, or is damaged."""
        try:
            return AESGCM(self._key(user)).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (InvalidTag, ValueError) as error:
            raise TemporarilyUnavailable("stored content cannot be decrypted with ENCRYPTION_SECRET") from error

    def _derived(self, user: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=_KEY, salt=user.encode(), info=_PURPOSE).derive(self._secret)


class NoCipher:
    """Stands where no secret is set."""

    def encrypt(self, user: str, content: bytes) -> bytes:
        """Refuses. Raises Rejected."""
        del user, content
        raise Rejected("what is to be stored has to be encrypted: set ENCRYPTION_SECRET")

    def decrypt(self, user: str, sealed: bytes) -> bytes:
        """Refuses. Raises Rejected."""
        del user, sealed
        raise Rejected("what is stored is encrypted: set ENCRYPTION_SECRET to the one it was encrypted with")


def user_cipher(secret: str) -> UserCipher:
    """The cipher for a secret; one that refuses for none."""
    return AesGcmUserCipher(secret) if secret else NoCipher()


def decrypted_text(stored: object, *, document: Mapping[str, Any], user: str, cipher: UserCipher) -> str:
    """A text of a document that says whether its texts are encrypted; one that cannot be, is not.

    Raises:
        TemporarilyUnavailable: it is encrypted with another secret.
        Rejected: it is encrypted and there is no secret.
    """
    plain = stored if isinstance(stored, str) else ""
    sealed = from_base64(plain) if document.get("data_protection_level") == "enhanced" else None
    return cipher.decrypt(user, sealed).decode(errors="replace") if sealed else plain


def protected(
    fields: dict[str, Any], name: str, *, user: str, cipher: UserCipher, protection: Protection
) -> dict[str, Any]:
    """The fields of a document with one text as it is to be protected, so that `decrypted_text` reads it.

    Raises:
        Rejected: it is to be encrypted and there is no secret.
        UnicodeEncodeError: the text is not valid Unicode.
    """
    if protection is Protection.STANDARD:
        return fields
    sealed = base64.b64encode(cipher.encrypt(user, fields[name].encode())).decode()
    return {**fields, name: sealed, "data_protection_level": protection.value}


def from_base64(stored: str) -> bytes | None:
    """What was encrypted; None for text that was not, such as JSON or a sentence."""
    try:
        sealed = base64.b64decode(stored, validate=True)
    except (binascii.Error, ValueError):
        return None
    return sealed if len(sealed) >= _NONCE + _TAG else None
