"""Transcripts as backends of all years stored them: plain, compressed, encrypted, or one document a segment."""

import zlib
from collections.abc import Iterable
from typing import Any

import msgspec

from adapters.outbound.firestore_values import Document, maps, name, place, text, truth, whole
from adapters.outbound.user_encryption import UserCipher, from_base64
from domain.ids import PersonId, SegmentId, derived_id
from domain.transcript import TranscriptSegment, Translation
from ports.errors import TemporarilyUnavailable

SERVICES = ("fal_whisperx", "deepgram_streaming", "soniox_streaming", "speechmatics_streaming")
"""Collections below a memory that hold what one recognizer heard, a document a segment; the best first."""
MOST_BYTES = 256 * 1024 * 1024
"""Of a transcript that was compressed."""


def transcript(document: Document, *, memory: str, user: str, cipher: UserCipher) -> tuple[TranscriptSegment, ...]:
    """The transcript within the document of a memory.

    Raises:
        TemporarilyUnavailable: it is damaged, or encrypted with another secret.
        Rejected: it is encrypted and there is no secret.
    """
    stored = document.get("transcript_segments")
    return segments(_entries(stored, user, cipher), memory=memory)


def segments(entries: Iterable[Document], *, memory: str, recognizer: str = "") -> tuple[TranscriptSegment, ...]:
    """The segments of entries, in order of time.

    Args:
        entries: with `start` and `end` in seconds.
        memory: what segments that have no identifier get one from.
        recognizer: who heard them, where the entries do not tell.
    """
    read = [_segment(entry, number, memory, recognizer) for number, entry in enumerate(entries)]
    return tuple(sorted((s for s in read if s.text), key=lambda segment: segment.start))


def _segment(entry: Document, number: int, memory: str, recognizer: str) -> TranscriptSegment:
    start = place(entry.get("start"))
    said = text(entry.get("text"))
    identifier = name(entry.get("id")) or derived_id(memory, f"{number} {start} {said}")
    person = name(entry.get("person_id"))
    return TranscriptSegment(
        id=SegmentId(identifier),
        text=said,
        start=start,
        end=max(start, place(entry.get("end"))),
        speaker=_speaker(entry),
        is_user=truth(entry.get("is_user")),
        person_id=PersonId(person) if person else None,
        recognizer=text(entry.get("stt_provider")) or recognizer,
        translations=_translations(entry),
    )


def _translations(entry: Document) -> tuple[Translation, ...]:
    read = (Translation(text(one.get("lang")), text(one.get("text"))) for one in maps(entry.get("translations")))
    return tuple(one for one in read if one.language and one.text)


def _speaker(entry: Document) -> int:
    """The number of a speaker: the one in `SPEAKER_00` is what all others were computed from."""
    _, _, digits = text(entry.get("speaker")).rpartition("_")
    return int(digits) if digits.isdecimal() else max(0, whole(entry.get("speaker_id")))


def _entries(stored: object, user: str, cipher: UserCipher) -> list[Document]:
    if isinstance(stored, bytes):
        return _decoded(_inflated(stored))
    if not isinstance(stored, str):
        return maps(stored)
    sealed = from_base64(stored)
    if sealed is None:
        return _decoded(stored.encode())
    opened = cipher.decrypt(user, sealed)
    try:
        return _decoded(_inflated(bytes.fromhex(opened.decode())))
    except ValueError:  # encrypted before transcripts were compressed
        return _decoded(opened)


def _inflated(content: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(content, MOST_BYTES)
    except zlib.error as error:
        raise _damaged() from error
    if not inflater.eof:
        raise _damaged()
    return inflated


def _decoded(content: bytes) -> list[Document]:
    try:
        found: Any = msgspec.json.decode(content) if content.strip() else []
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _damaged() from error
    return maps(found)


def _damaged() -> TemporarilyUnavailable:
    return TemporarilyUnavailable("a stored transcript cannot be read: it is damaged")
