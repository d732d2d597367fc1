"""What is said of photos that nobody looked at: how many, when, where, which colors. Not what they show."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, tzinfo

from msgspec import Struct

from domain.photo import occasions

MOST_COLORS = 3


class Unseen(Struct, frozen=True, kw_only=True):
    """A photo that nobody looked at."""

    taken_at: datetime | None
    """Aware."""
    colors: tuple[str, ...]
    """In words, the one that covers most first."""


def cards(photos: Sequence[Unseen], *, zone: tzinfo, place: str = "") -> tuple[str, ...]:
    """A description for each photo: the first of those taken together gets a card of all of them, the rest nothing.

    Args:
        photos: in order of time.
        zone: of the user; the card tells the time on their clock.
        place: where it was, if that is known.
    """
    texts = [""] * len(photos)
    for group in occasions([photo.taken_at for photo in photos]):
        texts[group[0]] = _card([photos[index] for index in group], zone=zone, place=place)
    return tuple(texts)


def _card(photos: Sequence[Unseen], *, zone: tzinfo, place: str) -> str:
    count = "A photo" if len(photos) == 1 else f"{len(photos)} photos"
    parts = [count, _times(photos, zone), f"near {place}" if place else "", _colors(photos)]
    return f"{', '.join(part for part in parts if part)}. Nobody has looked at what is on it yet."


def _times(photos: Sequence[Unseen], zone: tzinfo) -> str:
    known = [photo.taken_at.astimezone(zone) for photo in photos if photo.taken_at is not None]
    if not known:
        return ""
    first, last = f"{min(known):%H:%M}", f"{max(known):%H:%M}"
    return first if first == last else f"{first} to {last}"


def _colors(photos: Sequence[Unseen]) -> str:
    counted = Counter(color for photo in photos for color in photo.colors)
    named = [color for color, count in counted.most_common(MOST_COLORS) if count * 2 >= len(photos)]
    return f"mostly {' and '.join(named)}" if named else ""
