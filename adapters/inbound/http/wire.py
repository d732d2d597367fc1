"""Memories as the apps read them: seconds, not samples, and always a double where they cast to double."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from application.questions.recall import Found
from domain.audio import seconds
from domain.coverage import Coverage
from domain.memory import CalendarEvent, Geolocation, Memory, Photo, PluginResult, PostProcessing, Structure
from domain.transcript import TranscriptSegment


class WireTranslation(Struct, kw_only=True):
    """The same in another language."""

    lang: str
    text: str


class WireSegment(Struct, kw_only=True):
    """What one voice said."""

    id: str
    text: str
    speaker: str
    """`SPEAKER_00`: the apps parse the number behind the underscore."""
    speaker_id: int
    is_user: bool
    person_id: str | None
    start: float
    """Seconds from the start of the memory."""
    end: float
    translations: list[WireTranslation]


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


class WireMemory(Struct, kw_only=True):
    """A memory with every key that any of the apps reads."""

    id: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    source: str
    language: str | None
    structured: WireStructure
    transcript_segments: list[WireSegment]
    geolocation: WireGeolocation | None
    photos: list[WirePhoto]
    """Never null: the app of 2024 cannot do without."""
    plugins_results: list[WirePluginResult]
    apps_results: list[WireAppResult]
    external_data: dict[str, Any] | None
    postprocessing: WirePostProcessing | None
    discarded: bool
    deleted: bool = False
    visibility: str
    processing_memory_id: str | None = None
    status: str
    coverage: WireCoverage | None
    degraded: list[str]
    """Tasks that a simpler model had to do."""


class WirePassage(Struct, kw_only=True):
    """A piece of a memory that answers a query."""

    text: str
    start: float
    """Seconds from the start of the memory."""
    segment_id: str | None
    """None: title and overview."""
    score: float


class WireFound(Struct, kw_only=True):
    """A memory that answers a query."""

    memory: WireMemory
    score: float
    """Compares within one answer only."""
    passages: list[WirePassage]


def memory_to_wire(memory: Memory) -> WireMemory:
    """A memory as the apps read it."""
    return WireMemory(
        id=memory.id,
        created_at=_utc(memory.created_at),
        started_at=_utc(memory.started_at) if memory.started_at else None,
        finished_at=_utc(memory.finished_at) if memory.finished_at else None,
        source=memory.source.value,
        language=memory.language,
        structured=_structure(memory.structure),
        transcript_segments=[segment_to_wire(segment) for segment in memory.segments],
        geolocation=geolocation_to_wire(memory.geolocation) if memory.geolocation else None,
        photos=[photo_to_wire(photo) for photo in memory.photos],
        plugins_results=[_plugin_result(result) for result in memory.plugin_results],
        apps_results=[_app_result(result) for result in memory.plugin_results],
        external_data=memory.external,
        postprocessing=progress_to_wire(memory.postprocessing) if memory.postprocessing else None,
        discarded=memory.discarded,
        visibility=memory.visibility.value,
        status=memory.status.value,
        coverage=_coverage(memory.coverage) if memory.coverage else None,
        degraded=list(memory.degraded),
    )


def progress_to_wire(made: PostProcessing) -> WirePostProcessing:
    """How far a better transcript has come, as the apps read it."""
    return WirePostProcessing(status=made.status.value, fail_reason=made.reason or None, recognizer=made.recognizer)


def segment_to_wire(segment: TranscriptSegment) -> WireSegment:
    """A segment as the apps read it."""
    return WireSegment(
        id=segment.id,
        text=segment.text,
        speaker=segment.speaker_label,
        speaker_id=segment.speaker,
        is_user=segment.is_user,
        person_id=segment.person_id,
        start=seconds(segment.start),
        end=seconds(segment.end),
        translations=[WireTranslation(lang=one.language, text=one.text) for one in segment.translations],
    )


def found_to_wire(found: Found) -> WireFound:
    """A memory that was found, and where."""
    segments = found.memory.segments
    return WireFound(
        memory=memory_to_wire(found.memory),
        score=found.score,
        passages=[
            WirePassage(
                text=passage.text,
                start=seconds(passage.start),
                segment_id=segments[passage.number - 1].id if passage.number else None,
                score=passage.score,
            )
            for passage in found.passages
        ],
    )


def _structure(structure: Structure) -> WireStructure:
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
        start=_utc(event.start),
        duration=event.duration,
        created=event.created,
    )


def photo_to_wire(photo: Photo) -> WirePhoto:
    """A photo as the apps read it."""
    return WirePhoto(base64=photo.base64, description=photo.description)


def _plugin_result(result: PluginResult) -> WirePluginResult:
    return WirePluginResult(plugin_id=result.plugin_id, content=result.content)


def _app_result(result: PluginResult) -> WireAppResult:
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


def _coverage(coverage: Coverage) -> WireCoverage:
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


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
