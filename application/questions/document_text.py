"""Bytes that somebody calls a document: which kind it is, and what can be read in it."""

import codecs
import html
import re
from pathlib import PurePosixPath

from msgspec import Struct

from domain.chat_errors import ChatFileTooLarge, NotADocument

LARGEST = 1024 * 1024
"""Bytes of a document: a book."""
PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
"""By how the content begins; WebP says so further behind."""
PLAIN = "text/plain"
_HTML = "text/html"
_KINDS = {
    "md": "text/markdown",
    "markdown": "text/markdown",
    "csv": "text/csv",
    "json": "application/json",
    "html": _HTML,
    "htm": _HTML,
}
"""By the ending of a name; what ends otherwise and is text, is plain."""
_BYTE_ORDERS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LONGEST_NAME = 200
_TAG = re.compile(r"<!--|<(/?[a-zA-Z][a-zA-Z0-9]*)|<[!?]")
_UNSEEN = {
    name: re.compile(f"</{name}\\b", re.IGNORECASE) for name in ("script", "style", "template", "noscript", "svg")
}
"""Elements whose content nobody reads, and how each ends."""
_INLINE = frozenset(("a", "abbr", "b", "bdi", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q"))
_INLINE |= frozenset(("s", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"))
"""Elements that do not part words."""


class Document(Struct, frozen=True, kw_only=True):
    """What a document is."""

    media_type: str
    text: str


def plain_name(name: str) -> str:
    """What a file is called, without where it lay: names are shown, and lead nowhere."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    return shown[-_LONGEST_NAME:] or "file"


def picture_type(content: bytes) -> str | None:
    """The media type of a picture, as its first bytes have it; None for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in PICTURES.items() if content.startswith(start)), None)


def read_document(name: str, content: bytes) -> Document:
    """What can be read in a document. The name says which kind of text it is; that it is text, the bytes do.

    Raises:
        NotADocument: it is no text, or there is none in it.
        ChatFileTooLarge: it is larger than `LARGEST`.
    """
    if len(content) > LARGEST:
        raise ChatFileTooLarge(f"files: a document is larger than {LARGEST:,} bytes; send the part that matters")
    kind = _KINDS.get(PurePosixPath(name).suffix.lower().removeprefix("."), PLAIN)
    text = _decoded(content)
    text = seen_text(text) if kind == _HTML else text.strip()
    if not text:
        raise NotADocument("files: there is nothing to read in one")
    return Document(media_type=kind, text=text)


def seen_text(page: str) -> str:
    """What somebody reads who looks at a page of HTML. Takes time in proportion to its length, whatever is in it."""
    parts: list[str] = []
    at = 0
    while (tag := _TAG.search(page, at)) is not None:
        parts.append(html.unescape(page[at : tag.start()]))
        name = (tag[1] or "").lower()
        at = _behind(page, tag)
        if name in _UNSEEN:
            end = _UNSEEN[name].search(page, at)
            at = len(page) if end is None else end.start()
        parts.append("" if name.removeprefix("/") in _INLINE else "\n")
    parts.append(html.unescape(page[at:]))
    lines = (" ".join(line.split()) for line in "".join(parts).splitlines())
    return "\n".join(line for line in lines if line)


def _behind(page: str, tag: re.Match[str]) -> int:
    """Where a tag or a comment has ended; one that never does goes on to the end of the page."""
    end = "-->" if tag[0] == "<!--" else ">"
    found = page.find(end, tag.end())
    return len(page) if found < 0 else found + len(end)


def _decoded(content: bytes) -> str:
    """The letters of a text in UTF-8 or UTF-16 with its mark, or else as Windows writes them."""
    if content.startswith(b"%PDF"):
        raise NotADocument("files: PDF is not read here; text, Markdown, CSV, JSON, HTML and pictures are")
    encodings = ["utf-16"] if content.startswith(_BYTE_ORDERS) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NO_TEXT.search(text):
            return text
    raise NotADocument("files: one is neither text nor a picture as JPEG, PNG or WebP")
