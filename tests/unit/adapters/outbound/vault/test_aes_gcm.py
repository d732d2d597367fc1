"""The ciphers, against published examples and each other."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.outbound.vault.aes_gcm import derived_key
from adapters.outbound.vault.libcrypto import LibcryptoAesGcm
from ports.errors import Rejected

KEY = bytes.fromhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
NONCE = bytes.fromhex("cafebabefacedbaddecaf888")
PLAIN = bytes.fromhex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
)
ASSOCIATED = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
CIPHERTEXT = bytes.fromhex(
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
    "76fc6ece0f4e1768cddf8853bb2d551b"
)
"""Case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation"."""
CIPHERS = pytest.mark.parametrize("cipher", [AESGCM, LibcryptoAesGcm])


@CIPHERS
def test_the_published_example_comes_out(cipher: type[LibcryptoAesGcm]) -> None:
    assert cipher(KEY).encrypt(NONCE, PLAIN, ASSOCIATED) == CIPHERTEXT
    assert cipher(KEY).decrypt(NONCE, CIPHERTEXT, ASSOCIATED) == PLAIN


def test_both_read_what_the_other_wrote() -> None:
    key = os.urandom(32)
    one, other = AESGCM(key), LibcryptoAesGcm(key)
    for size in (0, 1, 15, 16, 17, 100_000):
        nonce, content = os.urandom(12), os.urandom(size)
        assert other.decrypt(nonce, one.encrypt(nonce, content, b"here"), b"here") == content
        assert one.decrypt(nonce, other.encrypt(nonce, content, b"here"), b"here") == content


@pytest.mark.parametrize("sealed", [b"", bytes(15), bytes(16), bytes(40), CIPHERTEXT[:-1], CIPHERTEXT[1:]])
def test_what_is_not_authentic_is_told(sealed: bytes) -> None:
    with pytest.raises(ValueError, match=r"tag|authentic"):
        LibcryptoAesGcm(KEY).decrypt(NONCE, sealed, ASSOCIATED)
    with pytest.raises(ValueError, match="authentic"):
        LibcryptoAesGcm(KEY).decrypt(NONCE, CIPHERTEXT, b"elsewhere")


def test_a_machine_without_openssl_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from adapters.outbound.vault import libcrypto  # noqa: PLC0415 - its list is replaced

    libcrypto.library.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(libcrypto, "_ELSEWHERE", ())
        patch.setattr("_hashlib.__file__", "/nowhere")
        with pytest.raises(Rejected, match="install the package cryptography"):
            LibcryptoAesGcm(KEY)
    libcrypto.library.cache_clear()


def test_keys_are_derived_as_rfc_5869_says() -> None:
    """By its formulas over HMAC-SHA256, computed with OpenSSL's own HKDF."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - for this alone
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - for this alone

    expected = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"purpose").derive(KEY)
    assert derived_key(KEY, purpose=b"purpose") == expected
