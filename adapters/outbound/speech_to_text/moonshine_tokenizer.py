"""Moonshine's tokens to text."""

import re
from collections.abc import Iterable

_SPACE = "\N{LOWER ONE EIGHTH BLOCK}".encode()
_RAW_BYTE = re.compile(rb"<0x([0-9A-F]{2})>")
_CONTROL = re.compile(rb"<[^>]+>")


class MoonshineTokenizer:
    """The vocabulary, read from the model's `tokenizer.bin`."""

    def __init__(self, content: bytes) -> None:
        self._pieces = [_spelled(entry) for entry in _entries(content)]

    def text(self, tokens: Iterable[int]) -> str:
        """What tokens spell; marks such as the start and the end spell nothing."""
        return b"".join(self._pieces[token] for token in tokens).decode(errors="replace")


def _entries(content: bytes) -> Iterable[bytes]:
    """Byte strings, each behind its length; a length from 128 on takes two bytes, the low seven bits first."""
    at = 0
    while at < len(content):
        length = content[at]
        at += 1
        if length >= 128:
            length += content[at] * 128 - 128
            at += 1
        yield content[at : at + length]
        at += length


def _spelled(entry: bytes) -> bytes:
    raw = _RAW_BYTE.fullmatch(entry)
    if raw:
        return bytes.fromhex(raw[1].decode())
    return b"" if _CONTROL.fullmatch(entry) else entry.replace(_SPACE, b" ")
