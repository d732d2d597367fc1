"""Encryption by user, as earlier backends did it."""

import base64

import pytest

from adapters.outbound.user_encryption import AesGcmUserCipher, NoCipher, decrypted_text, from_base64, user_cipher
from ports.errors import Rejected, TemporarilyUnavailable

SECRET = "a secret of at least 32 characters"  # noqa: S105 - of nobody
SEALED_ELSEWHERE = "AAECAwQFBgcICQoLcXFT74QHtBrd/1fGgoDHRCJiWWTQVqp/15KQYDwR"
"""By the formulas of RFC 5869 over HMAC-SHA256, for `me`."""
CIPHER = AesGcmUserCipher(SECRET)


def test_what_was_encrypted_for_a_user_is_decrypted_for_them() -> None:
    assert CIPHER.decrypt("me", CIPHER.encrypt("me", b"said")) == b"said"


def test_what_was_encrypted_by_another_program_is_decrypted() -> None:
    assert CIPHER.decrypt("me", base64.b64decode(SEALED_ELSEWHERE)) == b"said elsewhere"


def test_the_same_is_never_encrypted_alike() -> None:
    assert CIPHER.encrypt("me", b"said") != CIPHER.encrypt("me", b"said")


@pytest.mark.parametrize(
    ("cipher", "user"), [(CIPHER, "other"), (AesGcmUserCipher("another secret"), "me")], ids=["user", "secret"]
)
def test_others_do_not_decrypt_it(cipher: AesGcmUserCipher, user: str) -> None:
    with pytest.raises(TemporarilyUnavailable, match="decrypted"):
        cipher.decrypt(user, CIPHER.encrypt("me", b"said"))


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(28)])
def test_what_was_not_encrypted_is_told(sealed: bytes) -> None:
    with pytest.raises(TemporarilyUnavailable):
        CIPHER.decrypt("me", sealed)


def test_without_a_secret_nothing_is_encrypted_or_decrypted() -> None:
    cipher = user_cipher("")
    assert isinstance(cipher, NoCipher)
    for refuse in (cipher.encrypt, cipher.decrypt):
        with pytest.raises(Rejected, match="ENCRYPTION_SECRET"):
            refuse("me", b"said")


def test_a_text_is_decrypted_where_the_document_says_so() -> None:
    sealed = base64.b64encode(CIPHER.encrypt("me", "Grüß".encode())).decode()
    level = {"data_protection_level": "enhanced"}
    assert decrypted_text(sealed, document=level, user="me", cipher=CIPHER) == "Grüß"
    assert decrypted_text(sealed, document={}, user="me", cipher=CIPHER) == sealed
    assert decrypted_text("Never encrypted.", document=level, user="me", cipher=CIPHER) == "Never encrypted."
    assert decrypted_text(None, document=level, user="me", cipher=CIPHER) == ""


@pytest.mark.parametrize("plain", ["", "Hello", '[{"text": "x"}]', "aGk="])
def test_what_cannot_be_encrypted_text_is_told_from_it(plain: str) -> None:
    assert from_base64(plain) is None
