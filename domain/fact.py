"""Facts about the user, as they were learned."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from domain.ids import MemoryId, SegmentId


class FactCategory(StrEnum):
    """What a fact is about."""

    HOBBIES = "hobbies"
    LIFESTYLE = "lifestyle"
    INTERESTS = "interests"
    HABITS = "habits"
    WORK = "work"
    SKILLS = "skills"
    OTHER = "other"


class Fact(Struct, frozen=True, kw_only=True):
    """One sentence about the user."""

    id: str
    content: str
    category: FactCategory = FactCategory.OTHER
    created_at: datetime
    updated_at: datetime
    memory_id: MemoryId | None = None
    """The memory it was learned from; None when the user wrote it."""
    reviewed: bool = False
    user_review: bool | None = None
    """What the user said of it; False hides it."""
    manually_added: bool = False
    edited: bool = False
    valid_from: datetime | None = None
    """Since when it holds, as far as is known: when it was said."""
    valid_to: datetime | None = None
    """When a newer fact took its place; None while it holds. Nothing is overwritten."""
    superseded_by: str | None = None
    """Id of the newer fact."""
    confidence: float = 1.0
    """0 to 1."""
    evidence: tuple[SegmentId, ...] = ()
    """Segments of `memory_id` it rests on."""
