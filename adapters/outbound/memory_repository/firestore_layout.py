"""A memory as documents of Firestore: a small header that lists and earlier readers can use, and parts of the rest.

The header has the fields that are known since 2024, without the transcript, and under `omi` what they cannot hold: the
exact content, compressed, and the names of the parts in the collections `transcript`, `photos` and `content` below it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct, structs

from adapters.outbound.codec import Codec
from adapters.outbound.firestore_values import Document, choice, fields, texts
from adapters.outbound.memory_repository.firestore_eras import memory_of
from adapters.outbound.memory_repository.firestore_fields import fields_of, merged
from adapters.outbound.memory_repository.firestore_pieces import (
    LARGEST,
    Part,
    closed,
    groups_of,
    named_parts,
    opened,
)
from adapters.outbound.memory_repository.groups import written_groups
from adapters.outbound.user_encryption import Protection, UserCipher
from domain.memory import Memory, Photo
from domain.transcript import TranscriptSegment
from ports.errors import Rejected, TemporarilyUnavailable

OURS = "omi"
"""The field that tells a document of this layout from earlier ones."""
VERSION = 1
LARGEST_HEADER = 20_000
"""Bytes, about: what does not fit goes into parts."""
CONTENT, TRANSCRIPT, PHOTOS = "content", "transcript", "photos"
GROUPS = (CONTENT, TRANSCRIPT, PHOTOS)
_MEMORY = Codec(Memory, noun="memory")
_TO_MSGPACK = msgspec.msgpack.Encoder()
_TO_SEGMENTS = msgspec.msgpack.Decoder(tuple[TranscriptSegment, ...])
_TO_JSON = msgspec.json.Encoder()
_TO_PHOTOS = msgspec.json.Decoder(tuple[Photo, ...])


class Whole(Struct, frozen=True, kw_only=True):
    """A memory as it was read."""

    memory: Memory
    lying: Mapping[str, Sequence[str]] = {}
    """Collection below its header -> names of the parts there, where they hold what the memory has of it."""

    def parts_of_the_same(self, memory: Memory) -> dict[str, list[Part]]:
        """Collection -> its parts, without what is in them, where a memory made of this one has the very same lists."""
        kept = {TRANSCRIPT: memory.segments is self.memory.segments, PHOTOS: memory.photos is self.memory.photos}
        return {group: [Part(name, b"") for name in names] for group, names in self.lying.items() if kept[group]}


class Layout(Struct, frozen=True, kw_only=True):
    """The documents of a memory."""

    memory: Memory
    header: dict[str, Any]
    parts: dict[str, list[Part]]
    """Collection below the header -> its documents."""


def laid_out(
    memory: Memory,
    *,
    user: str,
    cipher: UserCipher,
    protection: Protection,
    revision: str,
    before: Whole | None = None,
) -> Layout:
    """The documents of a memory.

    Args:
        memory: the memory.
        user: whose it is.
        cipher: encrypts what is to be encrypted.
        protection: of the documents.
        revision: names the change that made it so.
        before: what it was made of, with the same protection; what is still the same is not written down again.

    Raises:
        Rejected: it holds text that is not valid Unicode, or is to be encrypted and there is no secret.
    """
    rest = _MEMORY.encode(structs.replace(memory, segments=(), photos=()))
    content = closed(rest, user=user, cipher=cipher, protection=protection)
    known = fields_of(memory)
    fits = len(content) + len(_TO_JSON.encode(known)) <= LARGEST_HEADER - 2_000  # for the names of parts
    parts = _parts(memory, rest=b"" if fits else rest, protection=protection, before=before)
    ours: dict[str, Any] = {group: [part.name for part in some] for group, some in parts.items()}
    ours |= {"version": VERSION, "revision": revision, "exact": content if fits else None}
    level = {"data_protection_level": protection.value, "transcript_segments_compressed": False}
    return Layout(memory=memory, header={**known, **level, OURS: ours}, parts=parts)


def is_ours(document: Document) -> bool:
    """Whether a header has this layout. Raises TemporarilyUnavailable for one that is yet to come."""
    ours = fields(document.get(OURS))
    version = ours.get("version", VERSION)
    if ours and version != VERSION:
        raise TemporarilyUnavailable(f"a stored memory has layout {version}; this program knows {VERSION} and no newer")
    return bool(ours)


def revision_of(document: Document) -> str:
    """Which change made a header what it is; empty for one of an earlier layout."""
    return str(fields(document.get(OURS)).get("revision", ""))


def protection_of(document: Document) -> Protection:
    """How a memory is protected."""
    return choice(Protection, document.get("data_protection_level"), Protection.STANDARD)


def part_names(document: Document) -> dict[str, tuple[str, ...]]:
    """Collection below a header -> the names of its documents that belong to the memory."""
    ours = fields(document.get(OURS))
    return {group: texts(ours.get(group)) for group in GROUPS}


def put_together(
    document: Document, stored: Mapping[tuple[str, str], object], *, identifier: str, user: str, cipher: UserCipher
) -> Whole:
    """The memory of a header and of its parts, with what others have changed in the header.

    Args:
        document: the header.
        stored: (collection, name) -> the content of a part as it is stored.
        identifier: of the memory.
        user: whose it is.
        cipher: opens what is encrypted.

    Raises:
        TemporarilyUnavailable: it is damaged, or encrypted with another secret.
        Rejected: it is encrypted and there is no secret.
    """
    protection = protection_of(document)

    def content(value: object) -> bytes:
        return opened(value, user=user, cipher=cipher, protection=protection)

    names = part_names(document)
    groups = {
        group: groups_of(some, {name: content(stored[group, name]) for name in some}) for group, some in names.items()
    }
    exact = fields(document.get(OURS)).get("exact")
    rest = _MEMORY.decode(b"".join(groups[CONTENT]) if exact is None else content(exact))
    now = _as_others_left_it(rest, document, identifier=identifier, user=user, cipher=cipher)
    lying = {TRANSCRIPT: now.segments, PHOTOS: now.photos}  # what others put into the header lies in no part
    return Whole(
        memory=structs.replace(
            now,
            segments=now.segments or _decoded(_TO_SEGMENTS, groups[TRANSCRIPT]),
            photos=now.photos or _decoded(_TO_PHOTOS, groups[PHOTOS]),
        ),
        lying={group: names[group] for group, told_of in lying.items() if not told_of},
    )


def _as_others_left_it(rest: Memory, document: Document, *, identifier: str, user: str, cipher: UserCipher) -> Memory:
    written = fields_of(rest)
    if all(document.get(name) == value for name, value in written.items()):  # as it nearly always is
        return rest
    seen = memory_of(document, identifier=identifier, user=user, cipher=cipher)
    told = memory_of(written, identifier=identifier, user=user, cipher=cipher)
    return merged(rest, seen=seen, told=told)


def _parts(memory: Memory, *, rest: bytes, protection: Protection, before: Whole | None) -> dict[str, list[Part]]:
    same = {} if before is None else before.parts_of_the_same(memory)
    try:
        return {
            CONTENT: named_parts([rest] if rest else [], protection=protection),
            TRANSCRIPT: same.get(TRANSCRIPT)
            or named_parts(
                written_groups(memory.segments, encode=_TO_MSGPACK.encode, largest=LARGEST), protection=protection
            ),
            PHOTOS: same.get(PHOTOS)
            or named_parts(
                written_groups(memory.photos, encode=_TO_JSON.encode, largest=LARGEST), protection=protection
            ),
        }
    except UnicodeEncodeError:
        # from None: the cause carries the text
        raise Rejected("a memory holds text that is not valid Unicode") from None


def _decoded(decoder: Any, groups: Sequence[bytes]) -> Any:  # noqa: ANN401 - one of two kinds of tuples
    try:
        read = [decoder.decode(group) for group in groups]
        return read[0] if len(read) == 1 else tuple(entry for group in read for entry in group)
    except msgspec.MsgspecError as error:
        kind = type(error).__name__  # its message may quote what is stored
        raise TemporarilyUnavailable(f"a stored memory cannot be read ({kind})") from error
