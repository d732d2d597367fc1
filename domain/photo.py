"""Photos beside speech: which look alike, which belong together, and where they lie on the clock of a memory."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from domain.audio import samples
from domain.memory import Photo
from domain.transcript import TranscriptSegment

ALIKE = 6
"""Bits of 64 that two pictures of the same thing may differ in."""
LOOK_BACK = 8
"""Kept pictures that a new one is compared with: what is seen again much later is a new moment."""
SAME_OCCASION = timedelta(minutes=10)


class Look(Struct, frozen=True, kw_only=True):
    """What two pictures are compared by."""

    fingerprint: int
    """64 bits; see `ports.image_reader`."""
    colors: tuple[str, ...] = ()


def distance(one: int, other: int) -> int:
    """Bits in which two fingerprints differ, 0 to 64."""
    return (one ^ other).bit_count()


def are_alike(one: Look, other: Look) -> bool:
    """Whether two pictures show the same. Evenly colored ones have the same fingerprint, so colors count, too."""
    share_a_color = bool(set(one.colors) & set(other.colors)) or one.colors == other.colors
    return share_a_color and distance(one.fingerprint, other.fingerprint) <= ALIKE


def repeats(looks: Sequence[Look], *, before: Sequence[Look] = ()) -> tuple[bool, ...]:
    """Of each picture in order of time whether it shows what one of the last kept ones shows.

    Args:
        looks: the pictures.
        before: kept ones that came before them.
    """
    kept = list(before[-LOOK_BACK:])
    found: list[bool] = []
    for look in looks:
        is_repeat = any(are_alike(look, earlier) for earlier in kept[-LOOK_BACK:])
        found.append(is_repeat)
        if not is_repeat:
            kept.append(look)
    return tuple(found)


def occasions(moments: Sequence[datetime | None]) -> list[list[int]]:
    """Indexes of photos that were taken together: no two neighbors more than ten minutes apart.

    Args:
        moments: when each was taken, in order; where nobody knows, it belongs to the one before.
    """
    groups: list[list[int]] = []
    last: datetime | None = None
    for index, moment in enumerate(moments):
        if not groups or (moment is not None and last is not None and moment - last > SAME_OCCASION):
            groups.append([])
        groups[-1].append(index)
        last = moment or last
    return groups


def timeline(
    segments: Sequence[TranscriptSegment], photos: Sequence[Photo], *, started_at: datetime | None
) -> tuple[TranscriptSegment | Photo, ...]:
    """What was said and what was seen, in order of time. Photos of an unknown time come first, in their own order.

    Args:
        segments: on a clock of samples that starts at `started_at`.
        photos: of the same memory.
        started_at: aware; None where nobody knows, and then no photo has a place.
    """

    def place(photo: Photo) -> int:
        if photo.taken_at is None or started_at is None:
            return -1
        return max(0, samples((photo.taken_at - started_at).total_seconds()))

    seen: list[tuple[int, TranscriptSegment | Photo]] = [(place(photo), photo) for photo in photos]
    heard: list[tuple[int, TranscriptSegment | Photo]] = [(segment.start, segment) for segment in segments]
    return tuple(moment for _, moment in sorted([*seen, *heard], key=lambda entry: entry[0]))
