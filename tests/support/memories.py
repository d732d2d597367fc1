"""Memories for tests, and the identifiers that break careless stores."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.ids import MemoryId, SegmentId
from domain.memory import Memory
from domain.transcript import TranscriptSegment

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

HOSTILE = (
    "",
    ".",
    "..",
    "../../escape",
    "/absolute",
    "a/b",
    "a\\b",
    "C:\\con",
    "*",
    "%",
    "_",
    "[a-z]",
    "nul\0byte",
    "nul",
    "'; DROP TABLE documents; --",
    '"',
    "$(reboot)",
    "user",
    "USER",
    "User",
    " user",
    "user ",
    "line\nbreak",
    "caf\u00e9",
    "cafe\u0301",
    "пользователь",
    "用户",
    "👩‍👩‍👧",
    "\u202eresu",
    "x" * 999,
    "x" * 1000,
)
"""Different identifiers, each of which some store has taken for a path, a pattern, a statement or another one."""


def a_segment(text: str = "Hello there.", *, at: int = 0, **fields: Any) -> TranscriptSegment:
    """Somebody said something, a second long, at a number of seconds."""
    places = {"id": SegmentId(f"segment-{at}"), "start": at * 16_000, "end": (at + 1) * 16_000}
    return TranscriptSegment(text=text, **(places | fields))


def a_memory(identifier: str = "memory", *, minute: int = 0, **fields: Any) -> Memory:
    """A memory created at some minute after noon."""
    return Memory(id=MemoryId(identifier), created_at=NOON + timedelta(minutes=minute), **fields)
