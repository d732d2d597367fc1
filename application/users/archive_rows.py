"""What the lines of each table of an archive are, and what they may say."""

from datetime import UTC, datetime

from msgspec import Struct

from application.users import archive_format as of
from application.users.archive_format import ArchivedCost, ArchivedReview, StoredFile
from domain.audio import SAMPLE_RATE
from domain.chat import Message
from domain.fact import Fact
from domain.memory import Memory
from domain.person import Person
from domain.plugin_rating import is_score

ROWS: dict[str, type[Struct]] = {
    of.FILES: StoredFile,
    of.PEOPLE: Person,
    of.FACTS: Fact,
    of.CHAT: Message,
    of.MEMORIES: Memory,
    of.REVIEWS: ArchivedReview,
    of.COSTS: ArchivedCost,
}
"""In the order in which they are read: what a memory speaks of is there before it."""
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_LONGEST = 366 * 86_400 * SAMPLE_RATE
"""Samples of a conversation."""
LONGEST_KEY = 1_000
"""Characters that the object store takes."""
_LONGEST_ID = 900
"""Characters of what becomes part of a key."""


def is_plausible(row: object) -> bool:
    """Whether stores take a line: all times in it have a zone and can be, numbers and keys are within bounds."""
    if isinstance(row, ArchivedReview) and not (is_score(row.score) and len(row.plugin) <= _LONGEST_ID):
        return False
    if isinstance(row, StoredFile) and len(row.key) > LONGEST_KEY:
        return False
    if isinstance(row, Memory) and not all(0 <= s.start <= s.end <= _LONGEST for s in row.segments):
        return False
    return _has_plausible_times(row)


def _has_plausible_times(value: object) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is not None and _EARLIEST <= value < _LATEST
    if isinstance(value, tuple):
        return all(map(_has_plausible_times, value))
    if isinstance(value, Struct):
        return all(_has_plausible_times(getattr(value, name)) for name in value.__struct_fields__ if name != "segments")
    return True
