"""Sealed values where only text can be kept."""

import base64
import binascii

from ports.errors import Rejected, TemporarilyUnavailable
from ports.vault import UserKeys

_MARK = "omi-sealed:"


def sealed_text(text: str, keys: UserKeys, *, purpose: bytes) -> str:
    """A text, sealed. Raises Rejected when it is not valid Unicode."""
    try:
        return sealed_bytes(text.encode(), keys, purpose=purpose)
    except UnicodeEncodeError:
        # from None: the cause carries the text
        raise Rejected("a text that is to be sealed is not valid Unicode") from None


def opened_text(stored: str, keys: UserKeys, *, purpose: bytes) -> str:
    """A text that was sealed; one that was not, as it is. Raises as `UserKeys.open`."""
    if stored.startswith(_MARK):
        return opened_bytes(stored, keys, purpose=purpose).decode()
    keys.open(b"", purpose=purpose)  # whether what is in the clear may be read is for the keys to say
    return stored


def is_current_text(stored: str, keys: UserKeys) -> bool:
    """Whether a text is sealed with the key that seals now."""
    try:
        return stored.startswith(_MARK) and keys.is_current(base64.b64decode(stored.removeprefix(_MARK)))
    except binascii.Error:
        return False


def sealed_bytes(content: bytes, keys: UserKeys, *, purpose: bytes) -> str:
    """Bytes, sealed, as text."""
    return _MARK + base64.b64encode(keys.seal(content, purpose=purpose)).decode()


def opened_bytes(stored: str, keys: UserKeys, *, purpose: bytes) -> bytes:
    """Bytes that were sealed as text. Raises as `UserKeys.open`."""
    try:
        sealed = base64.b64decode(stored.removeprefix(_MARK), validate=True)
    except (binascii.Error, ValueError) as error:
        raise TemporarilyUnavailable("a sealed text cannot be opened: it is damaged") from error
    return keys.open(sealed, purpose=purpose)
