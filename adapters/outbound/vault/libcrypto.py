"""AES-256-GCM of the OpenSSL that Python itself uses, for machines without the package `cryptography`."""

import _hashlib
import ctypes
import threading
from contextlib import suppress
from functools import cache
from typing import Any

from ports.errors import Rejected

_TAG = 16
_GET_TAG, _SET_TAG = 0x10, 0x11
_ENCRYPT, _DECRYPT = 1, 0
_ELSEWHERE = ("libcrypto.so.3", "libcrypto.so.1.1")
"""Where a Python that brings its own OpenSSL does not show it."""
_POINTER, _NUMBER, _BYTES = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "EVP_aes_256_gcm": (_POINTER, []),
    "EVP_CIPHER_CTX_new": (_POINTER, []),
    "EVP_CIPHER_CTX_free": (None, [_POINTER]),
    "EVP_CipherInit_ex": (_NUMBER, [_POINTER, _POINTER, _POINTER, _BYTES, _BYTES, _NUMBER]),
    "EVP_CipherUpdate": (_NUMBER, [_POINTER, _POINTER, _POINTER, _BYTES, _NUMBER]),
    "EVP_CipherFinal_ex": (_NUMBER, [_POINTER, _POINTER, _POINTER]),
    "EVP_CIPHER_CTX_ctrl": (_NUMBER, [_POINTER, _NUMBER, _NUMBER, _POINTER]),
}


@cache
def library() -> Any:  # noqa: ANN401 - a library has no type
    """OpenSSL's functions. The interpreter's lock is kept: a call takes less than handing it over.

    Raises:
        Rejected: there is none here.
    """
    for name in (getattr(_hashlib, "__file__", None), *_ELSEWHERE):
        with suppress(OSError, AttributeError):
            found = ctypes.PyDLL(name)
            for function, (result, arguments) in _FUNCTIONS.items():
                getattr(found, function).restype = result
                getattr(found, function).argtypes = arguments
            return found
    raise Rejected("nothing here can encrypt: install the package cryptography, or set OMI_VAULT__NAME=none")


class LibcryptoAesGcm:
    """The functions of `cryptography`'s AESGCM that are used here, with the same arguments and outcome."""

    def __init__(self, key: bytes) -> None:
        self._library = library()
        self._using = threading.Lock()  # for microseconds: one context, any thread
        self._length = _NUMBER()
        self._context = {way: self._new(key, way) for way in (_ENCRYPT, _DECRYPT)}

    def __del__(self) -> None:
        for context in getattr(self, "_context", {}).values():
            self._library.EVP_CIPHER_CTX_free(context)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Ciphertext and tag."""
        size = len(data)
        out = ctypes.create_string_buffer(size + _TAG)
        with self._using:
            context = self._run(_ENCRYPT, nonce, associated_data, data, out)
            self._library.EVP_CipherFinal_ex(context, None, ctypes.byref(self._length))
            self._library.EVP_CIPHER_CTX_ctrl(context, _GET_TAG, _TAG, ctypes.addressof(out) + size)
        return out.raw

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """What was encrypted. Raises ValueError when it is not authentic."""
        size = len(data) - _TAG
        if size < 0:
            raise ValueError("shorter than its tag")
        out = ctypes.create_string_buffer(size + 1)
        with self._using:
            context = self._run(_DECRYPT, nonce, associated_data, data[:size], out)
            self._library.EVP_CIPHER_CTX_ctrl(context, _SET_TAG, _TAG, data[size:])
            is_authentic = self._library.EVP_CipherFinal_ex(context, None, ctypes.byref(self._length)) == 1
        if not is_authentic:
            raise ValueError("not authentic")
        return out.raw[:size]

    def _run(self, way: int, nonce: bytes, associated: bytes, data: bytes, out: Any) -> Any:  # noqa: ANN401 - of C
        context, length = self._context[way], ctypes.byref(self._length)
        self._library.EVP_CipherInit_ex(context, None, None, None, nonce, way)
        self._library.EVP_CipherUpdate(context, None, length, associated, len(associated))
        self._library.EVP_CipherUpdate(context, out, length, data, len(data))
        return context

    def _new(self, key: bytes, way: int) -> Any:  # noqa: ANN401 - of C
        context = self._library.EVP_CIPHER_CTX_new()
        if not context or not self._library.EVP_CipherInit_ex(
            context, self._library.EVP_aes_256_gcm(), None, key, None, way
        ):
            raise Rejected("OpenSSL does not offer AES-256-GCM here: install the package cryptography")
        return context
