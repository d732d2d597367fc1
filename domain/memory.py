"""What is kept of a conversation."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from domain.coverage import Coverage
from domain.fact import FactCategory
from domain.ids import MemoryId, PluginId, SegmentId
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
    PHONE_CALL = "phone_call"
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


class PostProcessingStatus(StrEnum):
    """How far a better transcript of a memory has come, in the words the apps know."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELED = "canceled"
    FAILED = "failed"


class PostProcessing(Struct, frozen=True, kw_only=True):
    """A better transcript, made from the recording after the fact."""

    status: PostProcessingStatus = PostProcessingStatus.NOT_STARTED
    recognizer: str = ""
    """Which recognizer makes it, or made it."""
    reason: str = ""
    """Why it was canceled or failed."""


class ActionItem(Struct, frozen=True, kw_only=True):
    """Something that somebody said they would do."""

    description: str
    completed: bool = False
    deleted: bool = False
    owner: str = ""
    """Who is to do it, as far as was said: `user`, or a name."""
    due: datetime | None = None
    """Aware."""
    confidence: float = 1.0
    """0 to 1; below 1 where it was guessed by rules."""
    evidence: tuple[SegmentId, ...] = ()
    """Segments it rests on; none for what the user wrote."""


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
    all_day: bool = False
    """`start` is the midnight of the day, in the user's zone."""
    evidence: tuple[SegmentId, ...] = ()
    """Segments it rests on."""


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

    base64: str = ""
    """The picture itself, in memories of old; newer ones have a `key`."""
    description: str = ""
    id: str = ""
    """What a live session called it; empty for others."""
    key: str = ""
    """Where the object store has it, as JPEG; empty for none."""
    taken_at: datetime | None = None


class PluginResult(Struct, frozen=True, kw_only=True):
    """What a plugin made of a memory."""

    plugin_id: PluginId | None
    content: str


class FactDraft(Struct, frozen=True, kw_only=True):
    """Something that was learned about the user."""

    content: str
    category: FactCategory = FactCategory.OTHER
    evidence: tuple[SegmentId, ...] = ()
    """Segments it rests on."""


class MemoryDraft(Struct, frozen=True, kw_only=True):
    """What a language model makes of a transcript, in one go."""

    discard: bool = False
    """Nothing in it is worth keeping."""
    structure: Structure = Structure()
    facts: tuple[FactDraft, ...] = ()
    """At most three."""
    people: tuple[str, ...] = ()
    """Names that were mentioned."""
    topics: tuple[str, ...] = ()


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
    people: tuple[str, ...] = ()
    """Names that were mentioned."""
    topics: tuple[str, ...] = ()
    postprocessing: PostProcessing | None = None
    """None where it was never asked for."""
    has_recording: bool = False
    """Its audio is kept, with the user's permission."""
    degraded: tuple[str, ...] = field(default=())
    """Tasks that a simpler model had to do because the chosen one failed."""
