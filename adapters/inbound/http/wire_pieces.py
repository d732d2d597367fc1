"""Pieces of a memory as the apps read them: what it was about, where, with which pictures, and what became of it."""

from datetime import UTC, datetime

from msgspec import Struct

from domain.audio import seconds
from domain.coverage import Coverage
from domain.memory import CalendarEvent, Geolocation, Photo, PluginResult, PostProcessing, Structure


class WireActionItem(Struct, kw_only=True):
    """Something to do."""

    description: str
    completed: bool
    deleted: bool


class WireEvent(Struct, kw_only=True):
    """Something that takes place."""

    title: str
    description: str
    start: datetime
    duration: int
    """Minutes."""
    created: bool


class WireStructure(Struct, kw_only=True):
    """What it was about."""

    title: str
    overview: str
    emoji: str
    category: str
    action_items: list[WireActionItem]
    events: list[WireEvent]


class WirePhoto(Struct, kw_only=True):
    """A picture."""

    base64: str
    description: str


class WireGeolocation(Struct, kw_only=True):
    """Where it took place."""

    google_place_id: str | None
    latitude: float
    longitude: float
    address: str | None
    location_type: str | None


class WirePluginResult(Struct, kw_only=True):
    """What a plugin made of it."""

    plugin_id: str | None
    content: str


class WireAppResult(Struct, kw_only=True):
    """The same, in the words of newer apps."""

    app_id: str | None
    content: str


class WireGap(Struct, kw_only=True):
    """Audio without words, and why."""

    start: float
    end: float
    reason: str


class WireCoverage(Struct, kw_only=True):
    """What became of the audio, in seconds."""

    captured: float
    speech: float
    silence: float
    transcribed: dict[str, float]
    pending: float
    gaps: list[WireGap]
    corrupt_packets: int
    concealed: float


class WirePostProcessing(Struct, kw_only=True):
    """How far a better transcript has come."""

    status: str
    """`not_started`, `in_progress`, `completed`, `canceled` or `failed`."""
    model: str = "fal_whisperx"
    """The only one that the apps know."""
    fail_reason: str | None = None
    recognizer: str = ""
    """Which one it really was."""


def structure_to_wire(structure: Structure) -> WireStructure:
    """What it was about, as the apps read it."""
    return WireStructure(
        title=structure.title,
        overview=structure.overview,
        emoji=structure.emoji,
        category=structure.category.value,
        action_items=[
            WireActionItem(description=item.description, completed=item.completed, deleted=item.deleted)
            for item in structure.action_items
        ],
        events=[_event(event) for event in structure.events],
    )


def _event(event: CalendarEvent) -> WireEvent:
    return WireEvent(
        title=event.title,
        description=event.description,
        start=utc(event.start),
        duration=event.duration,
        created=event.created,
    )


def photo_to_wire(photo: Photo) -> WirePhoto:
    """A photo as the apps read it."""
    return WirePhoto(base64=photo.base64, description=photo.description)


def plugin_result_to_wire(result: PluginResult) -> WirePluginResult:
    """What a plugin made of it, as the apps read it."""
    return WirePluginResult(plugin_id=result.plugin_id, content=result.content)


def app_result_to_wire(result: PluginResult) -> WireAppResult:
    """The same, as newer apps read it."""
    return WireAppResult(app_id=result.plugin_id, content=result.content)


def geolocation_to_wire(place: Geolocation) -> WireGeolocation:
    """A place as the apps read it."""
    return WireGeolocation(
        google_place_id=place.google_place_id,
        latitude=float(place.latitude),
        longitude=float(place.longitude),
        address=place.address,
        location_type=place.location_type,
    )


def coverage_to_wire(coverage: Coverage) -> WireCoverage:
    """What became of the audio, as the apps read it."""
    return WireCoverage(
        captured=seconds(coverage.captured),
        speech=seconds(coverage.speech),
        silence=seconds(coverage.gated),
        transcribed={recognizer: seconds(count) for recognizer, count in coverage.transcribed.items()},
        pending=seconds(coverage.pending),
        gaps=[WireGap(start=seconds(gap.start), end=seconds(gap.end), reason=gap.reason) for gap in coverage.gaps],
        corrupt_packets=coverage.corrupt_packets,
        concealed=seconds(coverage.concealed),
    )


def progress_to_wire(made: PostProcessing) -> WirePostProcessing:
    """How far a better transcript has come, as the apps read it."""
    return WirePostProcessing(status=made.status.value, fail_reason=made.reason or None, recognizer=made.recognizer)


def utc(moment: datetime) -> datetime:
    """A moment as the apps read it."""
    return moment.astimezone(UTC)
