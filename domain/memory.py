"""What is kept of a conversation."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from domain.coverage import Coverage
from domain.ids import MemoryId, PluginId
from domain.transcript import TranscriptSegment


class Category(StrEnum):
    """What a memory is about, in the words the apps know."""

    PERSONAL = "personal"
    EDUCATION = "education"
    HEALTH = "health"
    FINANCE = "finance"
    LEGAL = "legal"
    PHILOSOPHY = "philosophy"
    SPIRITUAL = "spiritual"
    SCIENCE = "science"
    ENTREPRENEURSHIP = "entrepreneurship"
    PARENTING = "parenting"
    ROMANTIC = "romantic"
    TRAVEL = "travel"
    INSPIRATION = "inspiration"
    TECHNOLOGY = "technology"
    BUSINESS = "business"
    SOCIAL = "social"
    WORK = "work"
    SPORTS = "sports"
    POLITICS = "politics"
    LITERATURE = "literature"
    HISTORY = "history"
    ARCHITECTURE = "architecture"
    OTHER = "other"


class Source(StrEnum):
    """Where the material of a memory came from."""

    FRIEND = "friend"
    OMI = "omi"
    OPENGLASS = "openglass"
    SCREENPIPE = "screenpipe"
    WORKFLOW = "workflow"
    SDCARD = "sdcard"
    PHONE = "phone"
    DESKTOP = "desktop"
    EXTERNAL_INTEGRATION = "external_integration"


class Visibility(StrEnum):
    """Who may read a memory."""

    PRIVATE = "private"
    SHARED = "shared"
    PUBLIC = "public"


class MemoryStatus(StrEnum):
    """How far a memory has come."""

    IN_PROGRESS = "in_progress"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class ActionItem(Struct, frozen=True, kw_only=True):
    """Something that somebody said they would do."""

    description: str
    completed: bool = False
    deleted: bool = False


class CalendarEvent(Struct, frozen=True, kw_only=True):
    """Something that takes place at a time."""

    title: str
    start: datetime
    """Aware."""
    duration: int = 30
    """Minutes."""
    description: str = ""
    created: bool = False
    """The user put it into a calendar."""


class Structure(Struct, frozen=True, kw_only=True):
    """What a conversation was about."""

    title: str = ""
    overview: str = ""
    emoji: str = "🧠"
    category: Category = Category.OTHER
    action_items: tuple[ActionItem, ...] = ()
    events: tuple[CalendarEvent, ...] = ()


class Geolocation(Struct, frozen=True, kw_only=True):
    """Where a conversation took place."""

    latitude: float
    longitude: float
    google_place_id: str | None = None
    address: str | None = None
    location_type: str | None = None


class Photo(Struct, frozen=True, kw_only=True):
    """A picture that belongs to a memory."""

    base64: str
    description: str = ""


class PluginResult(Struct, frozen=True, kw_only=True):
    """What a plugin made of a memory."""

    plugin_id: PluginId | None
    content: str


class MemoryDraft(Struct, frozen=True, kw_only=True):
    """What a language model makes of a transcript."""

    discard: bool = False
    """Nothing in it is worth keeping."""
    structure: Structure = Structure()


class Memory(Struct, frozen=True, kw_only=True):
    """A conversation that has ended, and what was made of it."""

    id: MemoryId
    created_at: datetime
    """Aware, as all times here."""
    started_at: datetime | None = None
    """When the first sample of the transcript's clock was captured."""
    finished_at: datetime | None = None
    source: Source = Source.FRIEND
    language: str | None = None
    structure: Structure = Structure()
    segments: tuple[TranscriptSegment, ...] = ()
    """On a clock of samples that starts at `started_at`."""
    geolocation: Geolocation | None = None
    photos: tuple[Photo, ...] = ()
    plugin_results: tuple[PluginResult, ...] = ()
    external: dict[str, Any] | None = None
    """What an integration sent along, as it came."""
    status: MemoryStatus = MemoryStatus.COMPLETED
    discarded: bool = False
    visibility: Visibility = Visibility.PRIVATE
    coverage: Coverage | None = None
    """What became of the captured audio; None for memories that were not captured here."""
    degraded: tuple[str, ...] = field(default=())
    """Tasks that a simpler model had to do because the chosen one failed."""
